package clientcert

import (
	"net/url"
	"strings"
)

// readTraefik reads what the passTLSClientCert middleware writes for pem: the
// chain, leaf first, each certificate as PEM without its first and last line and
// without ends of lines, with commas between. Version 2 escaped each for a URL.
func readTraefik(v values) ([][]byte, error) {
	var chain [][]byte
	for text := range strings.SplitSeq(v.certificate, ",") {
		plain, err := url.PathUnescape(text)
		switch {
		case err != nil:
			return nil, errEscapes
		case strings.Contains(plain, "%"):
			return nil, errTwice
		}
		der, err := strictBase64(plain)
		if err != nil {
			return nil, err
		}
		chain = append(chain, der)
	}
	return chain, nil
}
