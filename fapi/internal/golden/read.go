package golden

import (
	"crypto/x509"
	"embed"
	"encoding/pem"
	"errors"
)

//go:embed testdata/*.pem
var committed embed.FS

// Read is a committed certificate, by the name of its file without .pem.
func Read(name string) (*x509.Certificate, error) {
	text, err := committed.ReadFile("testdata/" + name + ".pem")
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(name + ".pem holds no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}
