package ecosystem

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestConnectTo(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Host)) }))
	defer server.Close()
	at := server.Listener.Addr().String()
	trusting := server.Client().Transport.(*http.Transport) // its certificate is example.com's

	for _, row := range []struct {
		name, url string
		answers   bool
	}{
		{"an address in the table is dialled where the table says", "https://example.com:9443", true},
		{"an address that is not in it is dialled itself", server.URL, true},
		{"the server must still be who the URL says", "https://example.org:9443", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			client := http.Client{Transport: connectTo(map[string]string{"example.com:9443": at, "example.org:9443": at}, trusting)}
			resp, err := client.Get(row.url)
			if (err == nil) != row.answers {
				t.Fatalf("answers: %v, want %v: %v", err == nil, row.answers, err)
			}
			if err == nil {
				_ = resp.Body.Close()
			}
		})
	}
}
