package fetch

import (
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
	// Body is at most MaxDocument bytes.
	Body []byte
	// CacheControl is the header of that name.
	CacheControl string
}

// jsonTypes are the media types of a JWK set (RFC 7517 §8.5) as hosts send it.
var jsonTypes = []string{"application/json", "application/jwk-set+json"}

// Get fetches a JSON document. It ends with ctx, and within some seconds anyway.
func (c *Client) Get(ctx context.Context, address string) (Document, error) {
	if err := c.Check(address); err != nil {
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
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Document{}, because(ErrPolicy, "not a URL")
	}
	request.Header.Set("Accept", "application/json, application/jwk-set+json")
	request.Header.Set("User-Agent", "strongroom")
	response, err := c.http.Do(request)
	if err != nil {
		return Document{}, unreachable(err)
	}
	defer response.Body.Close()
	return read(response)
}

// unreachable keeps a refusal of our own, and tells nothing else of the cause:
// errors of net/http repeat the address.
func unreachable(err error) error {
	switch {
	case errors.Is(err, ErrPolicy):
		return because(ErrPolicy, "the host has an address that is not on the internet")
	case errors.Is(err, context.DeadlineExceeded):
		return because(ErrUnreachable, "timeout")
	}
	return because(ErrUnreachable, "no connection, or its certificate is not trusted")
}

func read(response *http.Response) (Document, error) {
	status := response.StatusCode
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case status >= 500 || status == http.StatusTooManyRequests:
		return Document{}, because(ErrUnreachable, "the host answered that it cannot")
	case status >= 300 && status < 400:
		return Document{}, because(ErrAnswer, "a redirect, which is never followed")
	case status != http.StatusOK:
		return Document{}, because(ErrAnswer, "the status is not 200")
	case err != nil || !slices.Contains(jsonTypes, mediaType):
		return Document{}, because(ErrAnswer, "the content type is not application/json or application/jwk-set+json")
	case response.Header.Get("Content-Encoding") != "":
		return Document{}, because(ErrAnswer, "the content is encoded")
	case response.ContentLength > MaxDocument:
		return Document{}, because(ErrAnswer, "longer than 256 KiB")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxDocument+1))
	switch {
	case err != nil:
		return Document{}, unreachable(err)
	case len(body) > MaxDocument:
		return Document{}, because(ErrAnswer, "longer than 256 KiB")
	}
	return Document{Body: body, CacheControl: response.Header.Get("Cache-Control")}, nil
}
