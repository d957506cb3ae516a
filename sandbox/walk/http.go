package walk

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   map[string]any
}

func (a answer) text(member string) string {
	text, _ := a.json[member].(string)
	return text
}

// call makes one request and writes it into the step.
func (s *Step) call(ctx context.Context, client *http.Client, req *http.Request, sent []string) (answer, error) {
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return answer{}, err
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(a.body, &a.json) // a body that is no object has no members
	}
	s.Exchanges = append(s.Exchanges, Exchange{
		Request: req.Method + " " + req.URL.String(), Sent: sent, Status: a.status, Received: a.lines(),
	})
	return a, nil
}

// lines are the members of an answer, or where it sends a browser.
func (a answer) lines() []string {
	var lines []string
	if location := a.header.Get("Location"); location != "" {
		lines = append(lines, line("Location", location))
	}
	if nonce := a.header.Get("DPoP-Nonce"); nonce != "" {
		lines = append(lines, line("DPoP-Nonce", nonce))
	}
	if challenge := a.header.Get("WWW-Authenticate"); challenge != "" {
		lines = append(lines, line("WWW-Authenticate", challenge))
	}
	for _, member := range slices.Sorted(maps.Keys(a.json)) {
		value, ok := a.json[member].(string)
		if !ok {
			text, err := json.Marshal(a.json[member])
			if err != nil {
				continue
			}
			value = string(text)
		}
		lines = append(lines, line(member, value))
	}
	const most = 14
	if len(lines) > most {
		lines = append(lines[:most], "… and more")
	}
	return lines
}

func (s *Step) get(ctx context.Context, client *http.Client, target string) (answer, error) {
	req, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return answer{}, err
	}
	return s.call(ctx, client, req, nil)
}

func (s *Step) post(ctx context.Context, client *http.Client, target string, form url.Values) (answer, error) {
	req, sent, err := newPost(target, form)
	if err != nil {
		return answer{}, err
	}
	return s.call(ctx, client, req, sent)
}

func newPost(target string, form url.Values) (*http.Request, []string, error) {
	req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var sent []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		value := form.Get(name)
		if name == "password" {
			value = "•••••"
		}
		sent = append(sent, line(name, value))
	}
	return req, sent, nil
}

// callBound makes a request that proves possession. Where the server asks for a
// nonce, it is made once more, with it.
func (s *Step) callBound(ctx context.Context, by binder, token string, fresh func() (*http.Request, []string, error)) (answer, error) {
	for again := false; ; again = true {
		req, sent, err := fresh()
		if err != nil {
			return answer{}, err
		}
		proof, err := by.prove(req, token)
		if err != nil {
			return answer{}, err
		}
		a, err := s.call(ctx, by.client(), req, append(sent, proof...))
		if err != nil || !by.learn(req.URL.Host, a) || again {
			return a, err
		}
	}
}
