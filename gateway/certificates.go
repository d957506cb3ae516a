package gateway

import (
	"net/netip"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clientcert"
)

// seeCertificates finds the client's certificates before anything asks for them: those
// of its connection, or those that a configured proxy vouches for (MTLS-7). The public
// listener never has any, and no proxy speaks for anybody there.
func (g *Gateway) seeCertificates(at listener, r *request) error {
	if at == public {
		g.ignored(r, g.proxies.Present(r.Header), "no certificate counts on the public listener")
		return nil
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // what is no address is no proxy's
	seen, err := g.proxies.Read(clientcert.Request{Peer: peer.Addr(), TLS: r.TLS, Header: r.Header})
	if err != nil {
		return oauth.InvalidRequest("the forwarded client certificate cannot be read: " + err.Error()).By("MTLS-7")
	}
	g.ignored(r, seen.Ignored, seen.Because)
	r.certificates = seen.Chain
	return nil
}

// ignored tells of headers that somebody may have hoped to be somebody else by
// (THR-7, BAD-34), or that a proxy writes which is not configured as it should be.
func (g *Gateway) ignored(r *request, headers []string, because string) {
	if len(headers) > 0 {
		g.log.WarnContext(r.Context(), "certificate header ignored", "interaction_id", r.interaction, "headers", headers, "because", because)
	}
}
