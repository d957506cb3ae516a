package directory

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// statementLife is how long a statement can be used.
const statementLife = 10 * time.Minute

// SigningKeyFile is the directory's own key in its folder, PKCS #8.
const SigningKeyFile = "signing-key.pem"

// statement answers a software statement to the software itself (RFC 7591 §2.3).
func (d *Directory) statement(w http.ResponseWriter, r *http.Request) {
	held, ok := d.tokens.find(bearer(r), thumbprint(r), d.clock.Now())
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(w, http.StatusUnauthorized, oauth.CodeInvalidToken, "a token of this directory is required, over the certificate that it is bound to")
		return
	}
	p, ok := d.participants.bySoftware(held.softwareID)
	if !ok || p.Status != active {
		refuse(w, http.StatusForbidden, oauth.CodeAccessDenied, "the participant is suspended")
		return
	}
	text, err := d.vouch(p)
	if err != nil {
		d.log.ErrorContext(r.Context(), "statement not signed", "cause", err)
		fail(w, http.StatusInternalServerError, "the statement could not be signed")
		return
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(text))
}

func (d *Directory) vouch(p Participant) (string, error) {
	now := d.clock.Now()
	claims := map[string]any{
		"iss": d.cfg.Issuer, "iat": now.Unix(), "exp": now.Add(statementLife).Unix(), "jti": oauth.NewID(),
		"org_id": p.OrgID, "org_name": p.OrgName, "software_id": p.SoftwareID, "software_client_name": p.ClientName,
		"software_redirect_uris": p.RedirectURIs, "software_roles": p.Roles,
	}
	if p.JWKSURI != "" {
		claims["jwks_uri"] = p.JWKSURI
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return jose.Sign(jose.PS256, d.keyID, "JWT", payload, d.key)
}

// publish serves the keys of statements.
func (d *Directory) publish(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_, _ = w.Write(d.jwks)
}

// openKey loads the directory's key, or makes it.
func openKey(folder string) (*rsa.PrivateKey, error) {
	file := filepath.Join(folder, SigningKeyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no RSA key", file)
	}
	return key, nil
}

func makeKey(file string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}
