package registration

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// maxSectorURIs bounds what a sector document lists.
const maxSectorURIs = 10_000

// ownSector checks sector_identifier_uri, OpenID Connect Core §8.1 and
// Registration §5: the document lists every redirect URI, so that nobody puts
// itself into a sector whose owner does not know of it (BAD-158). Subjects are
// public here and the same in every sector; a client that names one is still not
// believed unseen. It is the last check, because it asks the client's host.
func ownSector(r *registration) error {
	address := r.metadata.SectorIdentifierURI
	if address == "" {
		return nil
	}
	if err := r.Fetchable(address); err != nil {
		return invalid("sector_identifier_uri must be an https URL at port 443 of a host on the internet, and of the directory where the ecosystem has one").By("THR-3").Because(err)
	}
	document, err := r.Fetch(address)
	if err != nil {
		return errSector("sector_identifier_uri could not be fetched as a JSON document").Because(err)
	}
	listed, ok := texts(document)
	if !ok {
		return errSector("sector_identifier_uri must hold a JSON array of strings")
	}
	if !oauth.Subset(r.metadata.RedirectURIs, listed) {
		return errSector("sector_identifier_uri does not list all of redirect_uris")
	}
	return nil
}

func errSector(description string) *oauth.Error { return invalid(description).By("OIDC-5") }

// texts reads an array of strings and nothing else: null, a number or an object
// within is no redirect URI by another name.
func texts(document []byte) ([]string, bool) {
	var values []jsontext.Value
	if err := json.Unmarshal(document, &values); err != nil || values == nil || len(values) > maxSectorURIs {
		return nil, false
	}
	if slices.ContainsFunc(values, func(v jsontext.Value) bool { return v.Kind() != '"' }) {
		return nil, false
	}
	var listed []string
	err := json.Unmarshal(document, &listed)
	return listed, err == nil
}
