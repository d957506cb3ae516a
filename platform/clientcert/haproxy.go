package clientcert

import "crypto/x509"

// readHAProxy reads %[ssl_c_der,base64], the leaf, and %[ssl_c_chain_der,base64]:
// what is behind it, as one run of DER.
func readHAProxy(v values) ([][]byte, error) {
	leaf, err := strictBase64(v.certificate)
	if err != nil {
		return nil, err
	}
	if v.chain == "" {
		return [][]byte{leaf}, nil
	}
	run, err := strictBase64(v.chain)
	if err != nil {
		return nil, err
	}
	certificates, err := x509.ParseCertificates(run)
	if err != nil {
		return nil, errCertificate
	}
	var others [][]byte
	for _, certificate := range certificates {
		others = append(others, certificate.Raw)
	}
	return withLeaf(leaf, others), nil
}
