package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"path/filepath"

	"github.com/strongroom-fapi/strongroom/platform/network"
)

// AdminListener is the identity of the admin API: a certificate of the public
// authority for localhost, apart from the public listeners', so that the part that
// has its key can be none of them; and the operators' authority as the one of
// those who call.
func (ca *CA) AdminListener() (network.Identity, error) {
	template := serverTemplate(nil)
	_, err := ca.keep(ca.public, "admin-listener", template, newECKey)
	files := ca.files("admin-listener")
	return network.Identity{Certificate: files.Certificate, Key: files.Key, CA: ca.OperatorsFile()}, err
}

// Operator is a certificate of the operators' authority with one DNS name, kept as
// operators/<name>.pem and operators/<name>.key.
func (ca *CA) Operator(name string) (Files, error) {
	if err := checkName(name); err != nil {
		return Files{}, err
	}
	folder := filepath.Join(ca.dir, "operators")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Files{}, err
	}
	files := Files{Certificate: filepath.Join(folder, name+".pem"), Key: filepath.Join(folder, name+".key")}
	template := x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	_, err := ca.keepIn(ca.operators, files, template, newECKey)
	return files, err
}
