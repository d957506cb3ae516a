// Package credential is what a registered client of the sandbox keeps: its
// client_id, its private keys and where it was registered.
package credential

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// File is a client's credential, as it stands in clients/*.json and
// resource-servers/*.json. File names are relative to the file itself.
type File struct {
	Issuer                  string     `json:"issuer"`
	ClientID                string     `json:"client_id"`
	TokenEndpointAuthMethod string     `json:"token_endpoint_auth_method"`
	RedirectURI             string     `json:"redirect_uri,omitempty"`
	Resource                string     `json:"resource,omitempty"`
	JWKS                    PrivateSet `json:"jwks"`
	CertificateFile         string     `json:"certificate_file,omitempty"`
	PrivateKeyFile          string     `json:"private_key_file,omitempty"`
	RegistrationAccessToken string     `json:"registration_access_token"`
	RegistrationClientURI   string     `json:"registration_client_uri"`

	path string
}

// PrivateSet is a JWK set of private keys.
type PrivateSet struct {
	Keys []PrivateKey `json:"keys"`
}

// Load reads a credential.
func Load(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, err
	}
	return f, nil
}

// Save writes a credential for its owner alone.
func (f *File) Save(path string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f.path = path
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// Beside is the path of a file that the credential names.
func (f *File) Beside(name string) string { return filepath.Join(filepath.Dir(f.path), name) }
