package describe_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/describe"
)

// TestChainHoldsCertificatesAlone: what is beside them is told, wherever it stands, and
// never dropped.
func TestChainHoldsCertificatesAlone(t *testing.T) {
	one := certificate(t)
	key := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("key")}))
	for _, row := range []struct {
		why, text string
		length    int
		says      string
	}{
		{"one", one, 1, ""},
		{"with empty lines around and between", "\n\n" + one + "\r\n \n" + one + "\n", 2, ""},
		{"ten", strings.Repeat(one, 10), 10, ""},
		{"eleven", strings.Repeat(one, 11), 0, "10 certificates at most"},
		{"nothing", "", 0, "no PEM certificate"},
		{"blanks", " \n", 0, "no PEM certificate"},
		{"no PEM at all", "x", 0, "no PEM certificate"},
		{"text in front", "subject=CN=a\n" + one, 0, "in front of certificate 0"},
		{"text between", one + "issuer=CN=b\n" + one, 0, "in front of certificate 1"},
		{"text behind", one + "x", 0, "behind the certificates"},
		{"a key in front", key + one, 0, "EC PRIVATE KEY"},
		{"a key behind", one + key, 0, "EC PRIVATE KEY"},
		{"a key that is cut off in front", key[:len(key)/2] + "\n" + one, 0, "in front of certificate 0"},
		{"a key that is cut off between", one + key[:len(key)/2] + "\n" + one, 0, "in front of certificate 1"},
		{"a certificate that is cut off behind", one + one[:len(one)/2], 0, "behind the certificates"},
		{"a certificate of nothing", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", 0, "certificate 0 is malformed"},
	} {
		chain, err := describe.Chain([]byte(row.text))
		if len(chain) != row.length || (err == nil) != (row.says == "") || err != nil && !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %d certificates, %v; want %d, %q", row.why, len(chain), err, row.length, row.says)
		}
	}
}

func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
