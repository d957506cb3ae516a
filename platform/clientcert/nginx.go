package clientcert

import "errors"

var errSeveral = errors.New("the header holds more than the client's own certificate")

// readNginx reads $ssl_client_escaped_cert: the leaf as URL-encoded PEM. Nginx has
// no variable for what is behind it, so authorities between must be among the
// issuer's.
func readNginx(v values) ([][]byte, error) {
	chain, err := escapedPEM(v.certificate)
	if err == nil && len(chain) > 1 {
		return nil, errSeveral
	}
	return chain, err
}
