package profile

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

var beginVectors = map[string][]vector{
	"AZ-1: client_id is present": {
		{"it is", passes, nil},
		{"beside parameters that are ignored (AZ-4)", passes, both(with("scope", "openid"), with("response_type", "token"))},
		{"it is missing", oauth.CodeInvalidRequest, without("client_id")},
	},
	"SP2-23: a flow begins with a pushed request and no other way": {
		{"a pushed one", passes, nil},
		{"parameters instead", oauth.CodeInvalidRequest, both(without("request_uri"), with("response_type", "code"))},
		{"a request object instead", oauth.CodeInvalidRequest, both(without("request_uri"), with("request", "e30.e30."))},
	},
	"JAR-5: request_uri is one that was issued here; none is ever fetched": {
		{"issued here", passes, nil},
		{"somewhere in the web", oauth.CodeInvalidRequestURI, with("request_uri", "https://client.example/request.jwt")},
		{"inside the house", oauth.CodeInvalidRequestURI, with("request_uri", "http://169.254.169.254/latest/meta-data")},
		{"the prefix by another case", oauth.CodeInvalidRequestURI, with("request_uri", "URN:ietf:params:oauth:request_uri:abc")},
		{"the prefix not in front", oauth.CodeInvalidRequestURI, with("request_uri", "x"+oauth.RequestURIPrefix)},
	},
}
