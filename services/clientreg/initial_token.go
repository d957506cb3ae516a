package clientreg

import (
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// errInitialToken is the one answer to whoever may not register (DCR-2).
var errInitialToken = oauth.InvalidToken("an initial access token is required to register").By("DCR-2")

// initialTokens are the configured tokens, as hashes.
type initialTokens []initialToken

type initialToken struct {
	hash           string
	resourceServer bool
}

func newInitialTokens(configured []InitialAccessToken) initialTokens {
	tokens := make(initialTokens, len(configured))
	for i, t := range configured {
		tokens[i] = initialToken{hash: oauth.Hash(t.Token.Reveal()), resourceServer: t.ResourceServer}
	}
	return tokens
}

// open tells what a token opens. It compares with every token, so that the time
// tells nothing of which one was met.
func (t initialTokens) open(presented string) (found initialToken, ok bool) {
	hash := oauth.Hash(presented)
	for _, token := range t {
		if oauth.Equal(token.hash, hash) {
			found, ok = token, true
		}
	}
	return found, ok
}
