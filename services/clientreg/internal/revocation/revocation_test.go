package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// point is a distribution point of a list.
func point(address string) issuingPoint {
	var p issuingPoint
	p.Point.Full = []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: tagURI, Bytes: []byte(address)}}
	return p
}

// TestLists is BAD-31: each row is what an authority publishes about one client's
// certificate.
func TestLists(t *testing.T) {
	h := newHost(t)
	times := func(since, until time.Duration) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = start.Add(since), start.Add(until) }
	}
	reason := func(code int) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.RevokedCertificateEntries[0].ReasonCode = code }
	}
	tests := []struct {
		name string
		list func() (int, []byte)
		want Status
	}{
		{"an empty list", list(root, nil), Good},
		{"others are revoked", list(root, nil, 1, 5, serial+1), Good},
		{"revoked", list(root, nil, 1, serial, 7), Revoked},
		{"revoked, with a reason", list(root, reason(1), serial), Revoked},
		{"on hold", list(root, reason(6), serial), Revoked},
		{"for users alone", list(root, extended(issuingPointID, true, issuingPoint{OnlyUsers: true}), serial), Revoked},
		{"of this distribution point", list(root, extended(issuingPointID, true, point(h.URL+"/list")), serial), Revoked},
		{"an hour ahead of its time", list(root, times(-2*time.Hour, time.Second)), Good},

		{"stale", list(root, times(-2*time.Hour, 0)), Unknown},
		{"stale, and revoked in it", list(root, times(-2*time.Hour, -time.Hour), serial), Unknown},
		{"of the future", list(root, times(time.Hour, 2*time.Hour)), Unknown},
		{"by another key of the same name", list(impostor, nil), Unknown},
		{"by another authority", list((*authority)(nil).issued("elsewhere", 1, isCA), nil), Unknown},
		{"for authorities alone", list(root, extended(issuingPointID, true, issuingPoint{OnlyAuthorities: true})), Unknown},
		{"for attribute certificates alone", list(root, extended(issuingPointID, true, issuingPoint{OnlyAttributes: true})), Unknown},
		{"for several authorities", list(root, extended(issuingPointID, true, issuingPoint{Indirect: true})), Unknown},
		{"for some reasons alone", list(root, extended(issuingPointID, true, issuingPoint{SomeReasons: asn1.BitString{Bytes: []byte{0x40}, BitLength: 2}})), Unknown},
		{"of another distribution point", list(root, extended(issuingPointID, true, point(h.URL+"/other"))), Unknown},
		{"of changes alone", list(root, extended(deltaID, true, 1)), Unknown},
		{"with a critical extension that nobody knows", list(root, extended(asn1.ObjectIdentifier{1, 2, 3}, true, 1)), Unknown},
		{"with another extension that nobody knows", list(root, extended(asn1.ObjectIdentifier{1, 2, 3}, false, 1)), Good},
		{"with an entry of another authority", list(root, func(l *x509.RevocationList) {
			l.RevokedCertificateEntries[0].ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{5, 0}}}
		}, serial), Unknown},
		{"down", func() (int, []byte) { return http.StatusServiceUnavailable, nil }, Unknown},
		{"not there", nil, Unknown},
		{"an error page", func() (int, []byte) { return http.StatusOK, []byte("<html>") }, Unknown},
		{"empty", func() (int, []byte) { return http.StatusOK, nil }, Unknown},
		{"longer than 10 MiB", func() (int, []byte) { return http.StatusOK, make([]byte, 10<<20+1) }, Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.set(func(h *host) { h.list = test.list })
			if got := h.checker(clock.NewManual(start)).Path(h.chain(true, false)).Status(t.Context()); got != test.want {
				t.Errorf("status is %d, want %d", got, test.want)
			}
		})
	}
}

// TestResponders is BAD-31 by OCSP.
func TestResponders(t *testing.T) {
	h := newHost(t)
	revoked := func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, start.AddDate(0, -1, 0) }
	times := func(since, until time.Duration) func(*ocsp.Response) {
		return func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = start.Add(since), start.Add(until) }
	}
	without := func(since time.Duration) func(*ocsp.Response) {
		return func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = start.Add(since), time.Time{} }
	}
	flipped := answer(root, nil)
	flipped[len(flipped)-1] ^= 1
	tests := []struct {
		name   string
		answer func(request []byte) (int, []byte)
		want   Status
	}{
		{"good, by the authority itself", answers(answer(root, nil)), Good},
		{"good, by its responder", answers(answer(signer, nil)), Good},
		{"revoked", answers(answer(root, revoked)), Revoked},
		{"revoked, by its responder", answers(answer(signer, revoked)), Revoked},
		{"with our nonce", func(request []byte) (int, []byte) { return http.StatusOK, withExtension(nonceOf(request)) }, Good},
		{"prepared half an hour ago, without an end", answers(answer(root, without(-30*time.Minute))), Good},

		{"with another nonce", func(request []byte) (int, []byte) {
			nonce := nonceOf(request)
			nonce.Value = bytes.Clone(nonce.Value)
			nonce.Value[len(nonce.Value)-1] ^= 1
			return http.StatusOK, withExtension(nonce)
		}, Unknown},
		{"with a nonce cut short", func(request []byte) (int, []byte) {
			nonce := nonceOf(request)
			nonce.Value = nonce.Value[:8]
			return http.StatusOK, withExtension(nonce)
		}, Unknown},
		{"with a critical extension that nobody knows", answers(withExtension(pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}})), Unknown},
		{"of another serial number", answers(answer(root, func(r *ocsp.Response) { r.SerialNumber = big.NewInt(serial + 1) })), Unknown},
		{"by another client of the authority", answers(answer(other, nil)), Unknown},
		{"by a responder whose certificate has expired", answers(answer(late, nil)), Unknown},
		{"by a responder of another authority of the same name", answers(answer(foreign, nil)), Unknown},
		{"by another key", answers(answer(root, func(r *ocsp.Response) { r.Certificate = signer.Certificate })), Unknown},
		{"changed on the way", answers(flipped), Unknown},
		{"stale", answers(answer(root, times(-2*time.Hour, 0))), Unknown},
		{"an hour old, without an end", answers(answer(root, without(-time.Hour))), Unknown},
		{"of the future", answers(answer(root, times(time.Hour, 2*time.Hour))), Unknown},
		{"does not know it", answers(answer(root, func(r *ocsp.Response) { r.Status = ocsp.Unknown })), Unknown},
		{"refuses to answer", answers(ocsp.UnauthorizedErrorResponse), Unknown},
		{"wants to be asked later", answers(ocsp.TryLaterErrorResponse), Unknown},
		{"down", func([]byte) (int, []byte) { return http.StatusServiceUnavailable, nil }, Unknown},
		{"an error page", answers([]byte("<html>")), Unknown},
		{"empty", answers(nil), Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.set(func(h *host) { h.ocsp = test.answer })
			if got := h.checker(clock.NewManual(start)).Path(h.chain(false, true)).Status(t.Context()); got != test.want {
				t.Errorf("status is %d, want %d", got, test.want)
			}
		})
	}
}

// TestWhoIsAsked: the responder first, the list where it has no answer, and each
// certificate of the chain but the root.
func TestWhoIsAsked(t *testing.T) {
	h := newHost(t)
	check := func(chain []*x509.Certificate) Status {
		return h.checker(clock.NewManual(start)).Path(chain).Status(t.Context())
	}
	h.set(func(h *host) { h.ocsp, h.list = answers(answer(root, nil)), list(root, nil, serial) })
	if got := check(h.chain(true, true)); got != Good || h.times("/list") != 0 {
		t.Errorf("the responder counts: %d, the list was asked %d times", got, h.times("/list"))
	}
	h.set(func(h *host) { h.ocsp = nil })
	if got := check(h.chain(true, true)); got != Revoked {
		t.Errorf("the list steps in: %d", got)
	}
	if got := check(h.chain(false, false)); got != Unnamed {
		t.Errorf("nobody is named: %d", got)
	}
	sub := root.issued("sub", 9, func(c *x509.Certificate) {
		isCA(c)
		c.CRLDistributionPoints = []string{h.URL + "/list"}
	})
	leaf := sub.issued("client", serial, func(c *x509.Certificate) { c.OCSPServer = []string{h.URL + "/ocsp"} })
	h.set(func(h *host) {
		h.list = list(root, nil, 9)
		h.ocsp = answers(must(ocsp.CreateResponse(sub.Certificate, sub.Certificate, ocsp.Response{SerialNumber: big.NewInt(serial), ThisUpdate: start, NextUpdate: start.Add(time.Hour)}, sub.key)))
	})
	if got := check([]*x509.Certificate{leaf.Certificate, sub.Certificate, root.Certificate}); got != Revoked {
		t.Errorf("the authority in between is revoked: %d", got)
	}
	h.set(func(h *host) { h.list = list(root, nil) })
	if got := check([]*x509.Certificate{leaf.Certificate, sub.Certificate, root.Certificate}); got != Good {
		t.Errorf("neither is revoked: %d", got)
	}
}
