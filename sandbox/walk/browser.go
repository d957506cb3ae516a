package walk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// browser is a simple one: cookies, forms, redirects, no script. It follows
// redirects itself, so that each is seen, and stops at the client's own address.
type browser struct {
	client *http.Client
	stop   string
	at     string
	page   answer
}

func newBrowser(transport http.RoundTripper, stop string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{stop: stop, client: &http.Client{
		Transport:     transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (b *browser) open(ctx context.Context, s *Step, target string) error {
	page, err := s.get(ctx, b.client, target)
	if err != nil {
		return err
	}
	return b.follow(ctx, s, target, page)
}

const maxRedirects = 10

func (b *browser) follow(ctx context.Context, s *Step, from string, page answer) error {
	for range maxRedirects {
		b.at, b.page = from, page
		location := page.header.Get("Location")
		if location == "" {
			return nil
		}
		if page.status != http.StatusSeeOther {
			return fmt.Errorf("redirected by %d: only 303 never carries a form on", page.status)
		}
		base, err := url.Parse(from)
		if err != nil {
			return err
		}
		next, err := base.Parse(location)
		if err != nil {
			return err
		}
		if from = next.String(); strings.HasPrefix(from, b.stop) {
			b.at = from
			return nil
		}
		if page, err = s.get(ctx, b.client, from); err != nil {
			return err
		}
	}
	return errors.New("too many redirects")
}

// has tells whether the page has an input or button of that name.
func (b *browser) has(name string) bool {
	_, fields := b.form()
	_, ok := fields[name]
	return ok
}

// submit fills the page's form and presses one of its buttons.
func (b *browser) submit(ctx context.Context, s *Step, button string, filled map[string]string) error {
	action, fields := b.form()
	if _, ok := fields[button]; !ok {
		return fmt.Errorf("%s: the page has no %q (status %d)", b.at, button, b.page.status)
	}
	form := url.Values{}
	for name, field := range fields {
		if !field.button || name == button {
			form.Set(name, field.value)
		}
	}
	for name, value := range filled {
		form.Set(name, value)
	}
	base, err := url.Parse(b.at)
	if err != nil {
		return err
	}
	target, err := base.Parse(action)
	if err != nil {
		return err
	}
	page, err := s.post(ctx, b.client, target.String(), form)
	if err != nil {
		return err
	}
	return b.follow(ctx, s, target.String(), page)
}

type field struct {
	value  string
	button bool
}

// form finds the page's form: where it goes, and its named fields.
func (b *browser) form() (action string, fields map[string]field) {
	fields = map[string]field{}
	root, err := html.Parse(bytes.NewReader(b.page.body))
	if err != nil {
		return "", fields
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.Data {
		case "form":
			action = attribute(node, "action")
		case "input", "button":
			if name := attribute(node, "name"); name != "" {
				kind := attribute(node, "type")
				fields[name] = field{attribute(node, "value"), node.Data == "button" || kind == "submit"}
			}
		}
	}
	return action, fields
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
