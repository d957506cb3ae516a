package ecosystem

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"
)

// Await asks every URL until each has answered 2xx, or ctx ends.
func Await(ctx context.Context, trust *x509.CertPool, urls []string) error {
	client := NewHTTPClient(trust)
	defer client.CloseIdleConnections()
	for _, url := range urls {
		for !answers(ctx, client, url) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s did not answer in time", url)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nextSecond(ctx)
}

// nextSecond waits for it: an assertion says in which second it was made, and what
// was made in the second of a store's birth may be older than the store.
func nextSecond(ctx context.Context) error {
	now := time.Now()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
		return nil
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode/100 == 2
}
