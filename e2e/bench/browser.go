package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// browser is one person's: cookies of its own, forms, redirects; no script.
type browser struct {
	client *http.Client
	page   page
}

// page is what was answered.
type page struct {
	at     *url.URL
	status int
	root   *html.Node
}

// newBrowser has no cookie yet. It shares its connections with others.
func newBrowser(connections http.RoundTripper) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{client: &http.Client{
		Transport: connections, Jar: jar, Timeout: patience,
		CheckRedirect: func(request *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(request.URL.String(), redirectURI) {
				return http.ErrUseLastResponse // nobody is there
			}
			return nil
		},
	}}, nil
}

// open follows redirects until a page is shown, or to the client's address, which
// it answers.
func (b *browser) open(ctx context.Context, method, address string, form url.Values) (left string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if location := answer.Header.Get("Location"); strings.HasPrefix(location, redirectURI) {
		return location, nil
	}
	b.page = page{at: answer.Request.URL, status: answer.StatusCode}
	b.page.root, err = html.Parse(bytes.NewReader(body))
	return "", err
}

// press fills in the form and presses one of its buttons.
func (b *browser) press(ctx context.Context, button string, filled map[string]string) (left string, err error) {
	action, form := b.page.form(button)
	if !form.Has(button) {
		return "", fmt.Errorf("%s answers %d, without a button %q", b.page.at.Path, b.page.status, button)
	}
	for name, value := range filled {
		form.Set(name, value)
	}
	target, err := b.page.at.Parse(action)
	if err != nil {
		return "", err
	}
	return b.open(ctx, http.MethodPost, target.String(), form)
}

// form is where the page's form goes, and what pressing a button would send.
func (p page) form(button string) (action string, form url.Values) {
	form = url.Values{}
	for node := range p.root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch name := attribute(node, "name"); {
		case node.Data == "form":
			action = attribute(node, "action")
		case node.Data == "input" && name != "" && attribute(node, "type") != "submit", node.Data == "button" && name == button:
			form.Set(name, attribute(node, "value"))
		}
	}
	return action, form
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
