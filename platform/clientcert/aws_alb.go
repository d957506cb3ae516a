package clientcert

// readAWSALB reads X-Amzn-Mtls-Clientcert, which an Application Load Balancer
// writes in passthrough mode: the whole chain, leaf first, as URL-encoded PEM with
// +, = and / unescaped. In verify mode it writes X-Amzn-Mtls-Clientcert-Leaf in
// the same manner; the configuration then names that header.
func readAWSALB(v values) ([][]byte, error) { return escapedPEM(v.certificate) }
