package clientcert

import (
	"errors"
	"strings"
)

var errByteSequence = errors.New("Client-Cert must be a byte sequence of RFC 8941, :BASE64:, and Client-Cert-Chain a list of them")

// readRFC9440 reads Client-Cert, a byte sequence, and Client-Cert-Chain, a list of
// byte sequences without the leaf (RFC 9440 §2.2, §2.3). Parameters have no
// meaning there and are refused.
func readRFC9440(v values) ([][]byte, error) {
	leaf, err := byteSequence(v.certificate)
	if err != nil {
		return nil, err
	}
	chain := [][]byte{leaf}
	if v.chain == "" {
		return chain, nil
	}
	for member := range strings.SplitSeq(v.chain, ",") {
		other, err := byteSequence(strings.Trim(member, " \t"))
		if err != nil {
			return nil, err
		}
		chain = append(chain, other)
	}
	return chain, nil
}

// byteSequence is RFC 8941 §3.3.5.
func byteSequence(text string) ([]byte, error) {
	inner, begins := strings.CutPrefix(text, ":")
	inner, ends := strings.CutSuffix(inner, ":")
	if !begins || !ends {
		return nil, errByteSequence
	}
	der, err := strictBase64(inner)
	if err != nil {
		return nil, errByteSequence
	}
	return der, nil
}
