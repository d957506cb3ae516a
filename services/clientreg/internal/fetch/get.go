package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
)

// Document is what was fetched.
type Document struct {
	// Body is at most as long as its kind may be: MaxDocument bytes of JSON.
	Body []byte
	// CacheControl is the header of that name.
	CacheControl string
}

// Get fetches a JSON document. It ends with ctx, and within some seconds anyway.
func (c *Client) Get(ctx context.Context, address string) (Document, error) {
	return c.Fetch(ctx, JSON, address, nil)
}

// Fetch fetches a document of a kind, sending a body where the kind has one.
func (c *Client) Fetch(ctx context.Context, kind *Kind, address string, body []byte) (Document, error) {
	if err := c.check(kind, address); err != nil {
		return Document{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return Document{}, because(ErrPolicy, "not a URL")
	}
	leave, err := c.gate.enter(ctx, hostPort(u))
	if err != nil {
		return Document{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, kind.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, kind.method, address, bytes.NewReader(body))
	if err != nil {
		return Document{}, because(ErrPolicy, "not a URL")
	}
	request.Header.Set("Accept", kind.accept)
	request.Header.Set("User-Agent", "strongroom")
	if kind.contentType != "" {
		request.Header.Set("Content-Type", kind.contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Document{}, unreachable(err)
	}
	defer response.Body.Close()
	document, err := kind.read(response)
	if late := ctx.Err(); late != nil {
		// Servers that see us go may still answer, with nothing.
		return Document{}, unreachable(late)
	}
	return document, err
}

// unreachable keeps a refusal of our own, and tells nothing else of the cause:
// errors of net/http repeat the address.
func unreachable(err error) error {
	switch {
	case errors.Is(err, ErrPolicy):
		return because(ErrPolicy, "the host has an address that is not on the internet")
	case errors.Is(err, errDown):
		return errDown
	case errors.Is(err, context.DeadlineExceeded):
		return because(ErrUnreachable, "timeout")
	}
	return because(ErrUnreachable, "no connection, or its certificate is not trusted")
}

func (k *Kind) read(response *http.Response) (Document, error) {
	status := response.StatusCode
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case status >= 500 || status == http.StatusTooManyRequests:
		return Document{}, because(ErrUnreachable, "the host answered that it cannot")
	case status >= 300 && status < 400:
		return Document{}, because(ErrAnswer, "a redirect, which is never followed")
	case status != http.StatusOK:
		return Document{}, because(ErrAnswer, "the status is not 200")
	case k.types != nil && (err != nil || !slices.Contains(k.types, mediaType)):
		return Document{}, because(ErrAnswer, "the content type is not "+k.accept)
	case response.Header.Get("Content-Encoding") != "":
		return Document{}, because(ErrAnswer, "the content is encoded")
	case response.ContentLength > k.longest:
		return Document{}, errLong
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, k.longest+1))
	switch {
	case err != nil:
		return Document{}, unreachable(err)
	case int64(len(body)) > k.longest:
		return Document{}, errLong
	}
	return Document{Body: body, CacheControl: response.Header.Get("Cache-Control")}, nil
}

var errLong = because(ErrAnswer, "longer than a document of its kind may be")
