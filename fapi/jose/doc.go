// Package jose reads and writes the signed objects of the server: client
// assertions, request objects, DPoP proofs, software statements, access and ID
// tokens. It opens encrypted request objects. It knows compact JWS (RFC 7515)
// and JWE (RFC 7516), public JWKs (RFC 7517) and the claim types of RFC 7519, and
// nothing about what a claim is for.
//
// It is strict on purpose, because a lenient reader is how most JWT attacks
// work (RFC 8725; requirements CRY-7 and THR-4 of this project):
//
//   - the only algorithms are ES256, PS256 and EdDSA with Ed25519 (CRY-1), and
//     the caller names those it allows; the package allows none by itself;
//   - the only form is the compact one, in its single canonical spelling;
//   - JSON members never repeat and never differ from a known one by case
//     alone (THR-19), whether in a header, a key or a claim set;
//   - a header can neither bring its own key nor ask for an extension; a DPoP
//     proof, which must bring its key, is read by [ParseProof] and nothing else.
//
// Callers get typed values, never a map: decode claims with [Signed.Claims].
// Nothing else in the project imports the JWS library; here it is confined to
// primitive.go, which hands it one checked key, one algorithm and bytes.
//
// Keys, key sets and parsed objects are safe for concurrent reading.
package jose
