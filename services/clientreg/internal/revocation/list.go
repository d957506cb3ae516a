package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"time"
)

// skew is how far ahead of our clock an authority's may be.
const skew = 5 * time.Minute

// Extensions of a list and of its entries, RFC 5280 §5.2 and §5.3.
var (
	issuingPointID = asn1.ObjectIdentifier{2, 5, 29, 28}
	deltaID        = asn1.ObjectIdentifier{2, 5, 29, 27}
)

// readList reads a complete list of the issuer's own certificates, RFC 5280
// §6.3.3. One that speaks of some reasons alone, for other issuers or of changes
// since another list is no answer, and neither is one with a critical extension
// that is not understood.
func (s *source) readList(der []byte, now time.Time) (*statement, error) {
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, errors.New("not a revocation list")
	}
	if !bytes.Equal(list.RawIssuer, s.issuer.RawSubject) || list.CheckSignatureFrom(s.issuer) != nil {
		return nil, errors.New("the revocation list is not by the certificate's authority")
	}
	if err := inTime(list.ThisUpdate, list.NextUpdate, now); err != nil {
		return nil, err
	}
	for _, extension := range list.Extensions {
		switch {
		case extension.Id.Equal(issuingPointID):
			if err := s.covered(extension.Value); err != nil {
				return nil, err
			}
		case extension.Critical || extension.Id.Equal(deltaID):
			return nil, errors.New("the revocation list has an extension that is not understood")
		}
	}
	said := &statement{revoked: make(map[string]struct{}, len(list.RevokedCertificateEntries)), since: list.ThisUpdate, until: list.NextUpdate}
	for _, entry := range list.RevokedCertificateEntries {
		if slices.ContainsFunc(entry.Extensions, func(e pkix.Extension) bool { return e.Critical }) {
			return nil, errors.New("the revocation list has an entry that is not understood")
		}
		said.revoked[string(entry.SerialNumber.Bytes())] = struct{}{}
	}
	return said, nil
}

func inTime(since, until, now time.Time) error {
	switch {
	case since.After(now.Add(skew)):
		return errors.New("the answer is of the future")
	case until.IsZero() || !now.Before(until):
		return errors.New("the answer is stale")
	}
	return nil
}

// issuingPoint is IssuingDistributionPoint, RFC 5280 §5.2.5.
type issuingPoint struct {
	Point struct {
		Full     []asn1.RawValue `asn1:"optional,tag:0"`
		Relative asn1.RawValue   `asn1:"optional,tag:1"`
	} `asn1:"optional,tag:0"`
	OnlyUsers       bool           `asn1:"optional,tag:1"`
	OnlyAuthorities bool           `asn1:"optional,tag:2"`
	SomeReasons     asn1.BitString `asn1:"optional,tag:3"`
	Indirect        bool           `asn1:"optional,tag:4"`
	OnlyAttributes  bool           `asn1:"optional,tag:5"`
}

// covered tells whether a list of this scope speaks of the certificate.
func (s *source) covered(der []byte) error {
	var scope issuingPoint
	if rest, err := asn1.Unmarshal(der, &scope); err != nil || len(rest) > 0 {
		return errors.New("the scope of the revocation list is malformed")
	}
	switch {
	case scope.OnlyUsers && s.authority, scope.OnlyAuthorities && !s.authority, scope.OnlyAttributes,
		scope.Indirect, scope.SomeReasons.BitLength > 0:
		return errors.New("the revocation list does not cover the certificate")
	case len(scope.Point.Relative.FullBytes) > 0:
		return errors.New("the revocation list has a relative distribution point")
	case scope.Point.Full != nil && !slices.ContainsFunc(scope.Point.Full, s.names):
		return errors.New("the revocation list is of another distribution point")
	}
	return nil
}

// tagURI is that of GeneralName, RFC 5280 §4.2.1.6.
const tagURI = 6

func (s *source) names(point asn1.RawValue) bool {
	return point.Class == asn1.ClassContextSpecific && point.Tag == tagURI && slices.Contains(s.points, string(point.Bytes))
}
