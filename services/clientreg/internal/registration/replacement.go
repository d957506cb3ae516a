package registration

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// replacement is what a client sends to replace its metadata, RFC 7592 §2.2. It is
// what was answered to it before, changed, without what the server had added.
type replacement struct {
	metadata.Client
	ClientID *string `json:"client_id"`

	// Members that must not be there.
	RegistrationAccessToken jsontext.Value `json:"registration_access_token"`
	RegistrationClientURI   jsontext.Value `json:"registration_client_uri"`
	ClientSecretExpiresAt   jsontext.Value `json:"client_secret_expires_at"`
	ClientIDIssuedAt        jsontext.Value `json:"client_id_issued_at"`
	// ClientSecret would have to be the current one, and nobody here has one.
	ClientSecret jsontext.Value `json:"client_secret"`
}

// Replace reads what is to be a client's metadata from now on: the whole of it,
// judged as if it were new. What is left out is gone, or has its default again.
func (r Rules) Replace(asked Asked, current store.Record) (Accepted, error) {
	var read replacement
	if err := decode(asked.body, &read); err != nil {
		return Accepted{}, err
	}
	if err := read.envelope(current.ClientID); err != nil {
		return Accepted{}, err
	}
	r.ResourceServers = current.Metadata.Resource != ""
	if r.ResourceServers && read.Resource != current.Metadata.Resource {
		// An initial access token let it in for this one (THR-11).
		return Accepted{}, invalid("resource must stay what it is")
	}
	accepted, err := r.judge(read.Client)
	return accepted, OfReplacement(err)
}

// OfReplacement is a refusal as a PUT answers it: with one code for all that is
// wrong with metadata (BAD-155).
func OfReplacement(err error) error {
	refusal, ok := oauth.AsError(err)
	if !ok || refusal.Code != oauth.CodeInvalidRedirectURI {
		return err
	}
	refusal = refusal.By(refusal.Rule) // a copy
	refusal.Code = oauth.CodeInvalidClientMetadata
	return refusal
}

// envelope is BAD-166.
func (p *replacement) envelope(clientID string) error {
	if p.ClientID == nil || *p.ClientID != clientID {
		return oauth.InvalidRequest("client_id is required, and must be the client's own").By("DCR-5")
	}
	for member, value := range map[string]jsontext.Value{
		"registration_access_token": p.RegistrationAccessToken,
		"registration_client_uri":   p.RegistrationClientURI,
		"client_secret_expires_at":  p.ClientSecretExpiresAt,
		"client_id_issued_at":       p.ClientIDIssuedAt,
		"client_secret":             p.ClientSecret,
	} {
		if value != nil {
			return oauth.InvalidRequest(member + " must not be sent").By("DCR-5")
		}
	}
	return nil
}
