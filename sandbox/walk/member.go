package walk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Member is a participant's credential at the directory, as it stands in
// directory/participant.json; file names are relative to it.
type Member struct {
	Directory       string `json:"directory"`
	OrgID           string `json:"org_id"`
	SoftwareID      string `json:"software_id"`
	CertificateFile string `json:"certificate_file"`
	PrivateKeyFile  string `json:"private_key_file"`
}

const memberFile = "participant.json"

// loadMember answers nil where nobody has enrolled yet.
func loadMember(folder string) (*Member, tls.Certificate, error) {
	text, err := os.ReadFile(filepath.Join(folder, memberFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, tls.Certificate{}, nil
	}
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	var m Member
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, tls.Certificate{}, err
	}
	certificate, err := tls.LoadX509KeyPair(filepath.Join(folder, m.CertificateFile), filepath.Join(folder, m.PrivateKeyFile))
	return &m, certificate, err
}

// save writes the credential for its owner alone, the file that names the others
// last.
func (m Member) save(folder string, chain, key []byte) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		text []byte
	}{{m.CertificateFile, chain}, {m.PrivateKeyFile, key}, {memberFile, append(text, '\n')}} {
		if err := os.WriteFile(filepath.Join(folder, file.name), file.text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// newRequest is a fresh P-256 key, PKCS #8, and a certificate request by it, both
// PEM. Its names do not matter: the directory gives others.
func newRequest() (key, request []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}), nil
}
