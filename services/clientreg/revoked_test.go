package clientreg_test

import (
	"crypto/rand"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// publisher is where the bank's authority tells which certificates it has revoked.
type publisher struct {
	*httptest.Server
	asked atomic.Int32
	down  atomic.Bool
	// revoked is a serial number, or nil.
	revoked atomic.Pointer[big.Int]
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		switch {
		case p.down.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/list":
			_, _ = w.Write(p.list())
		default:
			p.answer(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) list() []byte {
	t := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}
	if serial := p.revoked.Load(); serial != nil {
		t.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: now.Add(-time.Hour)}}
	}
	return must(x509.CreateRevocationList(rand.Reader, t, publishingCA.certificate, publishingCA.key))
}

func (p *publisher) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	request, err := ocsp.ParseRequest(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := ocsp.Response{SerialNumber: request.SerialNumber, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}
	if serial := p.revoked.Load(); serial != nil && serial.Cmp(request.SerialNumber) == 0 {
		answer.Status, answer.RevokedAt = ocsp.Revoked, now.Add(-time.Hour)
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	_, _ = w.Write(must(ocsp.CreateResponse(publishingCA.certificate, publishingCA.certificate, answer, publishingCA.key)))
}

// publishingCA may sign lists too.
var publishingCA = newAuthority("Publishing CA", nil, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign })

func (p *publisher) byList(c *x509.Certificate) { c.CRLDistributionPoints = []string{p.URL + "/list"} }
func (p *publisher) byOCSP(c *x509.Certificate) { c.OCSPServer = []string{p.URL + "/ocsp"} }

// trusting is a replica whose issuer trusts the publishing authority, as chosen.
func (p *publisher) trusting(w *world, choice trust.Revocation) *replica {
	w.here.ClientCertificates = trust.Store{Authorities: publishingCA.file(w.t), Revocation: choice}
	return w.replica(func(c *clientreg.Config) {
		c.Fetch.Allow = []string{strings.TrimPrefix(p.URL, "http://")}
	})
}

func serialOf(chain [][]byte) *big.Int { return must(x509.ParseCertificate(chain[0])).SerialNumber }

// TestRevoked is BAD-31 by what the issuer has chosen.
func TestRevoked(t *testing.T) {
	const accepted, refused, later = 200, 401, 503
	tests := []struct {
		name                string
		closed, open, never int
		list, ocsp          bool
		prepare             func(p *publisher, chain [][]byte)
	}{
		{"by list, good", accepted, accepted, accepted, true, false, nil},
		{"by OCSP, good", accepted, accepted, accepted, false, true, nil},
		{"by list, another is revoked", accepted, accepted, accepted, true, false, func(p *publisher, _ [][]byte) { p.revoked.Store(big.NewInt(1)) }},
		{"by list, revoked", refused, refused, accepted, true, false, func(p *publisher, chain [][]byte) { p.revoked.Store(serialOf(chain)) }},
		{"by OCSP, revoked", refused, refused, accepted, false, true, func(p *publisher, chain [][]byte) { p.revoked.Store(serialOf(chain)) }},
		{"by list, down", later, accepted, accepted, true, false, func(p *publisher, _ [][]byte) { p.down.Store(true) }},
		{"by OCSP, down", later, accepted, accepted, false, true, func(p *publisher, _ [][]byte) { p.down.Store(true) }},
		{"nowhere", refused, accepted, accepted, false, false, nil},
	}
	eachWorld(t, func(t *testing.T, w *world) {
		for _, test := range tests {
			for choice, want := range map[trust.Revocation]int{trust.FailClosed: test.closed, trust.FailOpen: test.open, trust.Off: test.never} {
				t.Run(test.name+", "+string(choice), func(t *testing.T) {
					p := newPublisher(t)
					service := p.trusting(w, choice)
					chain := publishingCA.issue(func(c *x509.Certificate) {
						if test.list {
							p.byList(c)
						}
						if test.ocsp {
							p.byOCSP(c)
						}
					})
					if test.prepare != nil {
						test.prepare(p, chain)
					}
					client := service.certified("tls_client_auth_subject_dn", subjectDN)
					_, err := service.present(client.ClientID, chain)
					switch want {
					case accepted:
						wantAuthenticated(t, err, true)
					case refused:
						wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
					default:
						wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "MTLS-3", 503)
					}
					if asked := p.asked.Load() > 0; asked && choice == trust.Off {
						t.Error("it was asked all the same")
					}
				})
			}
		}
	})
}

// TestRevokedSince: a client that was let in is refused once its authority has
// said so, and the authority is not asked by each request.
func TestRevokedSince(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := newPublisher(t)
		service := p.trusting(w, trust.FailClosed)
		chain := publishingCA.issue(p.byOCSP)
		client := service.certified("tls_client_auth_subject_dn", subjectDN)
		for range 50 {
			_, err := service.present(client.ClientID, chain)
			wantAuthenticated(t, err, true)
		}
		if got := p.asked.Load(); got != 1 {
			t.Errorf("asked %d times for 50 requests", got)
		}
		p.revoked.Store(serialOf(chain))
		w.clock.Advance(20 * time.Minute)
		for begin := time.Now(); ; time.Sleep(time.Millisecond) {
			if _, err := service.present(client.ClientID, chain); err != nil {
				wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
				break
			}
			if time.Since(begin) > 10*time.Second {
				t.Fatal("it was never noticed")
			}
		}
	})
}

// TestUntrustedIsNotAskedAbout: a certificate by nobody makes nobody fetch
// (THR-3), whatever it names.
func TestUntrustedIsNotAskedAbout(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := newPublisher(t)
		service := p.trusting(w, trust.FailClosed)
		client := service.certified("tls_client_auth_subject_dn", subjectDN)
		_, err := service.present(client.ClientID, attackerCA.issue(p.byList, p.byOCSP))
		wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		if p.asked.Load() != 0 {
			t.Error("it was asked about")
		}
	})
}
