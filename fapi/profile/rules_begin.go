package profile

import (
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// beginRules judge what a browser brings to the authorization endpoint. Whatever
// else stands beside client_id and request_uri is ignored (AZ-4).
var beginRules = []Rule{
	{
		ID: "AZ-1", Stage: Begin, Source: "RFC 9126 §4",
		Text:  "client_id is present",
		Holds: present(oauth.ParamClientID),
		Fail:  oauth.InvalidRequest("client_id is required"),
	},
	{
		ID: "SP2-23", Stage: Begin, Source: "§5.3.2.2-3",
		Text:  "a flow begins with a pushed request and no other way",
		Holds: present(oauth.ParamRequestURI),
		Fail:  oauth.InvalidRequest("request_uri is required: push the request first"),
	},
	{
		ID: "JAR-5", Stage: Begin, Source: "RFC 9126 §2.2, RFC 9101 §5.2",
		Text:  "request_uri is one that was issued here; none is ever fetched",
		Holds: func(f Facts) bool { return strings.HasPrefix(f.Params[oauth.ParamRequestURI], oauth.RequestURIPrefix) },
		Fail:  oauth.New(oauth.CodeInvalidRequestURI, "request_uri was not issued by this server"),
	},
}
