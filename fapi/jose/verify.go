package jose

import "slices"

// maxTried caps the keys tried on one signature (CRY-6), so that a set of many keys does
// not multiply the cost of a forged token.
const maxTried = 16

// Verify checks the signature with a key of the set. The header's algorithm must be
// among allowed; with none allowed everything is refused.
//
// With a kid, the candidates are exactly the keys of that kid, several if the set
// repeats it; without, every key (CRY-6). Of these, the ones are tried that serve the
// header's algorithm and are not for encryption, at most 16. The error wraps
// ErrAlgorithm, ErrKey if no key fits, or ErrSignature.
func (s *Signed) Verify(keys *KeySet, allowed ...Algorithm) error {
	if err := s.permit(allowed); err != nil {
		return err
	}
	tried := 0
	for _, key := range keys.named(s.Header.KeyID) {
		if key.Algorithm() != s.Header.Algorithm {
			continue
		}
		if s.signedBy(key) {
			return nil
		}
		if tried++; tried == maxTried {
			break
		}
	}
	if tried == 0 {
		return badKey("no key fits kid and alg")
	}
	return ErrSignature
}

// VerifyWithOwnKey checks the signature with the key that the header brought; only what
// [ParseProof] made has one. It proves possession of that key and nothing else about the
// sender. The error wraps ErrAlgorithm, ErrKey or ErrSignature.
func (s *Signed) VerifyWithOwnKey(allowed ...Algorithm) error {
	if err := s.permit(allowed); err != nil {
		return err
	}
	switch key := s.Header.Key; {
	case key == nil:
		return badKey("not parsed as a proof")
	case key.Algorithm() != s.Header.Algorithm:
		return badKey("jwk does not fit alg")
	case !s.signedBy(key):
		return ErrSignature
	}
	return nil
}

func (s *Signed) permit(allowed []Algorithm) error {
	if !slices.Contains(allowed, s.Header.Algorithm) {
		return badAlgorithm("not allowed for this use")
	}
	return nil
}

func (s *Signed) signedBy(key *Key) bool {
	return verifySignature(key, []byte(s.input), s.signature)
}
