package resource

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// maxBody bounds what is read of any answer of the issuer, in bytes.
const maxBody = jose.MaxKeySet

// withoutRedirects is a copy of the client: neither keys nor questions about
// tokens go where a redirect points, which could be another host or plain http.
func withoutRedirects(client *http.Client) *http.Client {
	if client == nil {
		client = &http.Client{}
	}
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}

// fetch sends a request over https and reads the body of a 200.
func fetch(client *http.Client, request *http.Request) ([]byte, http.Header, error) {
	if request.URL.Scheme != "https" {
		return nil, nil, errors.New("resource: not an https URL")
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("resource: %s answered %d", request.URL.Path, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, nil, err
	}
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("resource: %s answered more than 256 KiB", request.URL.Path)
	}
	return body, response.Header, nil
}

// How long a document of the issuer stays fresh. The floor keeps a max-age of
// 0 from turning every request into two; the ceiling bounds how long a key that
// the issuer withdrew is believed.
const (
	defaultFreshness = 5 * time.Minute
	minFreshness     = 10 * time.Second
	maxFreshness     = time.Hour
)

// freshness is the max-age of Cache-Control (RFC 9111 §5.2.2.1), within bounds.
func freshness(header http.Header) time.Duration {
	fresh := defaultFreshness
	for directive := range strings.SplitSeq(strings.Join(header.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch name {
		case "no-store", "no-cache":
			return minFreshness
		case "max-age":
			if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil {
				fresh = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(fresh, minFreshness), maxFreshness)
}
