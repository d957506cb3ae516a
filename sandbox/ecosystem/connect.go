package ecosystem

import (
	"context"
	"net"
	"net/http"
)

// connectTo is a transport that connects elsewhere for some addresses, host:port
// each. Requests and TLS still name the host of the URL, so another server than
// the one meant is refused.
func connectTo(elsewhere map[string]string, transport *http.Transport) *http.Transport {
	var dialer net.Dialer
	transport = transport.Clone()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if other, ok := elsewhere[address]; ok {
			address = other
		}
		return dialer.DialContext(ctx, network, address)
	}
	return transport
}
