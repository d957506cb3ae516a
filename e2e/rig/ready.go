package rig

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// ready waits until everything answers, and reads the issuers' metadata, from
// which every endpoint is taken.
func (s *Suite) ready(ctx context.Context, issuers ...string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s.plain = s.httpClient(nil)
	s.later(func() error { s.plain.CloseIdleConnections(); return nil })
	if err := ecosystem.Await(ctx, s.Layout.CA.Pool(), s.Layout.HealthURLs()); err != nil {
		return err
	}
	for _, name := range issuers {
		var err error
		if s.metadata[name], err = s.discover(ctx, name); err != nil {
			return err
		}
	}
	s.Secrets.ofLayout(s.Layout)
	return s.awaitServices(ctx)
}

// awaitServices asks questions that every service behind the edge takes part in
// answering, until none is answered 5xx.
func (s *Suite) awaitServices(ctx context.Context) error {
	at := s.Metadata(FAPI2)
	nobody := url.Values{oauth.ParamClientID: {"nobody"}, oauth.ParamRequestURI: {oauth.RequestURIPrefix + "none"}}
	noTicket := url.Values{"issuer": {FAPI2}, "ticket": {oauth.NewSecret() + "." + oauth.NewSecret()}}
	for _, question := range []*Request{
		Get(at.JWKSURI),
		post(at.PushedAuthorizationRequestEndpoint, nil),
		post(at.TokenEndpoint, nil),
		Get(at.AuthorizationEndpoint + "?" + nobody.Encode()),
		Get(s.Layout.URL(layout.BankPages) + "/interactions?" + noTicket.Encode()),
	} {
		for !s.answers(ctx, question) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s did not answer in time", question.URL)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

func (s *Suite) answers(ctx context.Context, r *Request) bool {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return false
	}
	request.Header = r.Header
	answer, err := s.plain.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode < http.StatusInternalServerError
}
