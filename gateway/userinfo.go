package gateway

import (
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// userinfo is the userinfo endpoint, OpenID Connect Core §5.3. The token comes in
// the Authorization header and nowhere else (RS2-1, RS2-2).
func (g *Gateway) userinfo(w http.ResponseWriter, r *request) error {
	if len(r.Header.Values("Authorization")) > 1 || r.URL.Query().Has("access_token") {
		return oauth.InvalidRequest("one access token, in the Authorization header").By("RS2-2")
	}
	scheme, token := authorization(r.Request)
	if token == "" {
		w.Header().Add("WWW-Authenticate", `Bearer realm="strongroom"`)
		w.Header().Add("WWW-Authenticate", `DPoP realm="strongroom", algs="`+g.proofAlgorithms(r)+`"`)
		w.WriteHeader(http.StatusUnauthorized) // no token: no error code either (RSE-1: RFC 6750 §3.1)
		return nil
	}
	proofs := r.Header.Values("DPoP")
	if len(proofs) > 1 {
		return oauth.New(oauth.CodeInvalidDPoPProof, "one DPoP header at most").By("DPOP-1")
	}
	answer, err := g.token.UserInfo(r.Context(), &tokenv1.UserInfoRequest{
		Call: r.scope.Call(), Scheme: scheme, AccessToken: token, DpopProof: strings.ToValidUTF8(strings.Join(proofs, ""), "\uFFFD"),
		Certificates: r.certificates, Method: r.Method, Url: r.url,
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, answer.GetClaims())
	return nil
}

func (g *Gateway) proofAlgorithms(r *request) string {
	return strings.Join(algorithmNames(r.issuer.Rules().SigningAlgorithms), " ")
}
