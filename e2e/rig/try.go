package rig

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Try sends a request and reads the answer, as Send does, for drills in which no
// answer is an outcome too.
func (s *Suite) Try(ctx context.Context, r *Request) (*Response, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.body()))
	if err != nil {
		return nil, err
	}
	request.Header = r.Header.Clone()
	if r.Proof != nil {
		request.Header["Dpop"] = append(request.Header["Dpop"], r.Proof.Text())
	}
	client := s.plain
	if r.Certificate != nil {
		client = s.httpClient(r.Certificate)
		defer client.CloseIdleConnections()
	}
	return answerOf(client.Do(request))
}

// answerOf reads an answer to its end.
func answerOf(answer *http.Response, err error) (*Response, error) {
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	r := &Response{Response: answer}
	if r.Body, err = io.ReadAll(answer.Body); err != nil {
		return nil, err
	}
	_ = json.Unmarshal(r.Body, &r.JSON) // a page has no members
	return r, nil
}
