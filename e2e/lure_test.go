package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// lure is an address where an attacker waits to be called.
type lure struct {
	*httptest.Server
	calls *atomic.Int64
}

func newLure(t *testing.T) lure {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	l := lure{server, &atomic.Int64{}}
	server.Listener = counting{server.Listener, l.calls}
	server.StartTLS()
	t.Cleanup(server.Close)
	return l
}

// untouched checks that nobody connected, not even to fail at TLS.
func (l lure) untouched(t *testing.T) {
	t.Helper()
	if calls := l.calls.Load(); calls != 0 {
		t.Errorf("the server called the attacker's address %d times", calls)
	}
}

// counting counts connections.
type counting struct {
	net.Listener
	calls *atomic.Int64
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.calls.Add(1)
	}
	return conn, err
}

// firstKey is the first JWK of a set.
func firstKey(t *testing.T, set json.RawMessage) json.RawMessage {
	t.Helper()
	var keys struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(set, &keys); err != nil {
		t.Fatal(err)
	}
	return keys.Keys[0]
}
