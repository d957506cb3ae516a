package clientcert

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

const (
	beginCertificate = "-----BEGIN CERTIFICATE-----"
	endCertificate   = "-----END CERTIFICATE-----"
)

var (
	errEscapes = errors.New("the certificate is not URL-encoded")
	errTwice   = errors.New("the certificate is URL-encoded twice")
	errPEM     = errors.New("the certificate is not PEM: certificates alone, with nothing around them")
	errBase64  = errors.New("the certificate is not base64")
)

// escapedPEM reads URL-encoded PEM certificates, one after the other. Every
// proxy here escapes a blank as %20 and leaves or escapes +, so that + is a plus.
func escapedPEM(text string) ([][]byte, error) {
	plain, err := url.PathUnescape(text)
	switch {
	case err != nil:
		return nil, errEscapes
	case plain == text:
		return nil, errEscapes // PEM has blanks and ends of lines, which no header can hold
	case strings.Contains(plain, "%"):
		return nil, errTwice
	}
	return plainPEM(plain)
}

// plainPEM is stricter than encoding/pem, which steps over what it cannot read.
func plainPEM(text string) ([][]byte, error) {
	var chain [][]byte
	for text = trim(text); text != ""; text = trim(text) {
		inner, ok := strings.CutPrefix(text, beginCertificate)
		if !ok {
			return nil, errPEM
		}
		body, rest, ok := strings.Cut(inner, endCertificate)
		if !ok {
			return nil, errPEM
		}
		der, err := strictBase64(withoutLineEnds.Replace(body))
		if err != nil {
			return nil, errPEM
		}
		chain, text = append(chain, der), rest
	}
	if len(chain) == 0 {
		return nil, errPEM
	}
	return chain, nil
}

var withoutLineEnds = strings.NewReplacer("\r", "", "\n", "")

func trim(text string) string { return strings.Trim(text, " \t\r\n") }

// strictBase64 reads base64 with padding and nothing else: encoding/base64 by
// itself steps over ends of lines.
func strictBase64(text string) ([]byte, error) {
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return nil, errBase64
	}
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errBase64
	}
	return der, nil
}
