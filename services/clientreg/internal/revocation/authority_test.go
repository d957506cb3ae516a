package revocation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// authority is a certificate with its key.
type authority struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func (a *authority) sign(t *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, t, a.Certificate, public, a.key))))
}

func template(name string, serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
		BasicConstraintsValid: true,
	}
}

// issued is a certificate by an authority, of a key that it has itself.
func (a *authority) issued(name string, serial int64, change func(*x509.Certificate)) *authority {
	t := template(name, serial)
	if change != nil {
		change(t)
	}
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	if a == nil {
		a = &authority{t, key}
	}
	return &authority{a.sign(t, key.Public()), key}
}

func isCA(c *x509.Certificate) {
	c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
}

func responder(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }

// The certificates of these tests: a root, another of the same name, and what the
// root has signed.
var (
	root     = (*authority)(nil).issued("root", 1, isCA)
	impostor = (*authority)(nil).issued("root", 1, isCA)
	signer   = root.issued("responder", 3, responder)
	late     = root.issued("responder", 4, func(c *x509.Certificate) { responder(c); c.NotAfter = start.AddDate(0, 0, -1) })
	other    = root.issued("another client", 5, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	foreign  = impostor.issued("responder", 3, responder)
)

const serial = 1 << 40

type listTemplate = x509.RevocationList

// host is where an authority publishes.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	list  func() (status int, body []byte)
	ocsp  func(request []byte) (status int, body []byte)
	asked map[string]int
}

func newHost(t testing.TB) *host {
	t.Helper()
	h := &host{asked: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.asked[r.URL.Path]++
		list, ocsp := h.list, h.ocsp
		h.mu.Unlock()
		status, body := http.StatusNotFound, []byte(nil)
		if r.URL.Path == "/list" && list != nil {
			status, body = list()
		}
		if r.URL.Path == "/ocsp" && ocsp != nil {
			request := must(io.ReadAll(r.Body))
			w.Header().Set("Content-Type", "application/ocsp-response")
			status, body = ocsp(request)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) set(change func(*host)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
}

func (h *host) times(path string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked[path]
}

// chain is a client's certificate that names the host's addresses.
func (h *host) chain(list, ocsp bool) []*x509.Certificate {
	client := root.issued("client", serial, func(c *x509.Certificate) {
		if list {
			c.CRLDistributionPoints = []string{"ldap://directory.example/cn=root", h.URL + "/list"}
		}
		if ocsp {
			c.OCSPServer = []string{h.URL + "/ocsp"}
		}
	})
	return []*x509.Certificate{client.Certificate, root.Certificate}
}

func (h *host) checker(clk clock.Clock) *Checker {
	return New(fetch.New(fetch.Options{Allow: []string{strings.TrimPrefix(h.URL, "http://")}, Clock: clk}), clk, slog.New(slog.DiscardHandler))
}

// list is a revocation list of an hour, with changes.
func list(by *authority, change func(*x509.RevocationList), revoked ...int64) func() (int, []byte) {
	t := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: start.Add(-time.Minute), NextUpdate: start.Add(time.Hour)}
	for _, n := range revoked {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(n), RevocationTime: start.AddDate(0, -1, 0)})
	}
	if change != nil {
		change(t)
	}
	der := must(x509.CreateRevocationList(rand.Reader, t, by.Certificate, by.key))
	return func() (int, []byte) { return http.StatusOK, der }
}

// extended is a list with one extension more.
func extended(id asn1.ObjectIdentifier, critical bool, value any) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: must(asn1.Marshal(value))})
	}
}

// answer is an OCSP answer of an hour about a serial number.
func answer(by *authority, change func(*ocsp.Response)) []byte {
	t := ocsp.Response{SerialNumber: big.NewInt(serial), Status: ocsp.Good, ThisUpdate: start.Add(-time.Minute), NextUpdate: start.Add(time.Hour)}
	if by != root {
		t.Certificate = by.Certificate
	}
	if change != nil {
		change(&t)
	}
	return must(ocsp.CreateResponse(root.Certificate, by.Certificate, t, by.key))
}

func answers(der []byte) func([]byte) (int, []byte) {
	return func([]byte) (int, []byte) { return http.StatusOK, der }
}

// An OCSP answer taken apart, to give it extensions that the library does not
// write.
type (
	wholeAnswer struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type  asn1.ObjectIdentifier
			Basic []byte
		} `asn1:"explicit,tag:0"`
	}
	basicAnswer struct {
		Data      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	answerData struct {
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  asn1.RawValue
		Extensions []pkix.Extension `asn1:"explicit,tag:1"`
	}
)

// withExtension is the root's good answer with an extension more, signed anew.
func withExtension(e pkix.Extension) []byte {
	var whole wholeAnswer
	_ = must(asn1.Unmarshal(answer(root, nil), &whole))
	var basic basicAnswer
	_ = must(asn1.Unmarshal(whole.Bytes.Basic, &basic))
	var plain struct {
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  asn1.RawValue
	}
	_ = must(asn1.Unmarshal(basic.Data.FullBytes, &plain))
	data := must(asn1.Marshal(answerData{plain.Responder, plain.ProducedAt, plain.Responses, []pkix.Extension{e}}))
	digest := sha256.Sum256(data)
	signature := must(ecdsa.SignASN1(rand.Reader, root.key, digest[:]))
	whole.Bytes.Basic = must(asn1.Marshal(basicAnswer{asn1.RawValue{FullBytes: data}, basic.Algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}}))
	return must(asn1.Marshal(whole))
}

// nonceOf is the extension of a request.
func nonceOf(request []byte) pkix.Extension {
	var read struct {
		Signed struct {
			List       asn1.RawValue
			Extensions []pkix.Extension `asn1:"explicit,tag:2"`
		}
	}
	_ = must(asn1.Unmarshal(request, &read))
	return read.Signed.Extensions[0]
}
