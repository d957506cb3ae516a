package pki

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io/fs"
	"net"
	"slices"

	"github.com/strongroom-fapi/strongroom/platform/network"
)

// everyName is what any server of the sandbox may be called. Some programs turn
// "localhost" into ::1.
var everyName = []string{"localhost", "127.0.0.1", "::1"}

// Server is a P-256 and an RSA certificate for localhost, 127.0.0.1, ::1 and the
// names given (DNS names or IP addresses), signed by the public authority; a TLS
// server picks the one that its peer can verify. They are kept, so that the keys
// stay over a restart and can be pinned.
func (ca *CA) Server(names []string) ([]tls.Certificate, error) {
	template := serverTemplate(names)
	ec, err := ca.keep(ca.public, "server-ec", template, newECKey)
	if err != nil {
		return nil, err
	}
	rsa, err := ca.keep(ca.public, "server-rsa", template, newRSAKey)
	if err != nil {
		return nil, err
	}
	return []tls.Certificate{ec, rsa}, nil
}

func serverTemplate(names []string) x509.Certificate {
	var template x509.Certificate
	template.Subject = pkix.Name{CommonName: everyName[0]}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(everyName, names)))) {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

// Service is how a service of the suite, or a caller of its interaction API,
// proves its name: a certificate of the internal authority whose only DNS name is
// that name. The files are service-<name>.pem and service-<name>-key.pem.
func (ca *CA) Service(name string) (network.Identity, error) {
	if err := checkName(name); err != nil {
		return network.Identity{}, err
	}
	template := x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	file := "service-" + name
	if _, err := ca.keep(ca.internal, file, template, newECKey); err != nil {
		return network.Identity{}, err
	}
	files := ca.files(file)
	return network.Identity{Certificate: files.Certificate, Key: files.Key, CA: ca.internal.files.Certificate}, nil
}

// Store is how a store proves the names under which it is reached: a certificate of
// the stores' authority. The nodes of a Redis Cluster show it to each other too. The
// files are store-<name>.pem and store-<name>-key.pem.
func (ca *CA) Store(name string, dnsNames ...string) (Files, error) {
	if err := checkName(name); err != nil {
		return Files{}, err
	}
	by, err := ca.stores()
	if err != nil {
		return Files{}, err
	}
	template := x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    append([]string{name}, dnsNames...),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	_, err = ca.keep(by, "store-"+name, template, newECKey)
	return ca.files("store-" + name), err
}

// StoresFile is the certificate of the authority that signs who is a store.
func (ca *CA) StoresFile() (string, error) {
	by, err := ca.stores()
	if err != nil {
		return "", err
	}
	return by.files.Certificate, nil
}

func (ca *CA) stores() (*authority, error) {
	return openAuthority(ca.files("stores-ca"), "Strongroom sandbox stores CA", ca.clock.Now())
}

// ClientCertificate is a P-256 client certificate of the public authority, such as
// the directory issues, kept as client-<name>.pem and client-<name>-key.pem.
func (ca *CA) ClientCertificate(name string, subject pkix.Name) (Files, error) {
	if err := checkName(name); err != nil {
		return Files{}, err
	}
	template := x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	_, err := ca.keep(ca.public, "client-"+name, template, newECKey)
	return ca.files("client-" + name), err
}

// keep loads a certificate and its key, or makes what is missing. A certificate
// that no longer fits (other names, near its end, another authority) is issued
// anew for the same key.
func (ca *CA) keep(by *authority, name string, template x509.Certificate, newKey func() (crypto.Signer, error)) (tls.Certificate, error) {
	return ca.keepIn(by, ca.files(name), template, newKey)
}

func (ca *CA) keepIn(by *authority, files Files, template x509.Certificate, newKey func() (crypto.Signer, error)) (tls.Certificate, error) {
	key, err := readKey(files.Key)
	if errors.Is(err, fs.ErrNotExist) {
		if key, err = newKey(); err == nil {
			err = writeKey(files.Key, key)
		}
	}
	if err != nil {
		return tls.Certificate{}, err
	}
	certificate, err := readCertificate(files.Certificate)
	if err != nil || !ca.fits(certificate, by, template, key) {
		if certificate, err = ca.issue(by, files, template, key); err != nil {
			return tls.Certificate{}, err
		}
	}
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}, nil
}

func (ca *CA) issue(by *authority, files Files, template x509.Certificate, key crypto.Signer) (*x509.Certificate, error) {
	der, err := by.sign(&template, key.Public(), ca.clock.Now())
	if err != nil {
		return nil, err
	}
	if err := writePEM(files.Certificate, encodeCertificate(der)); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// fits tells whether a kept certificate is still what the template asks for.
func (ca *CA) fits(kept *x509.Certificate, by *authority, template x509.Certificate, key crypto.Signer) bool {
	return sameKey(kept.PublicKey, key.Public()) &&
		kept.CheckSignatureFrom(by.certificate) == nil &&
		ca.clock.Now().Add(renewBefore*day).Before(kept.NotAfter) &&
		sameSubject(kept, template.Subject) &&
		slices.Equal(kept.DNSNames, template.DNSNames) &&
		slices.EqualFunc(kept.IPAddresses, template.IPAddresses, net.IP.Equal) &&
		slices.Equal(kept.ExtKeyUsage, template.ExtKeyUsage)
}

func sameSubject(kept *x509.Certificate, subject pkix.Name) bool {
	der, err := marshalName(subject)
	return err == nil && bytes.Equal(kept.RawSubject, der)
}
