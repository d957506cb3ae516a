//go:build e2e

package redisconn_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// users are as docs/stores.md has them: one for the service par, one that makes a
// cluster.
var users = []string{
	"user default off",
	"user par on >hunter2 ~par:* resetchannels -@all +get +mget +set +setnx +incr +expire +del +time +info +ping +command +cluster|slots +cluster|myid",
	"user operator on >hunter3 resetchannels -@all +cluster",
}

// tlsServer is a real Redis whose certificate is for localhost.
func tlsServer(t *testing.T, ca *networktest.CA, lines ...string) (port string) {
	t.Helper()
	proof := ca.Identity(t, "localhost")
	server := storetest.NewTLSServer(t, proof.Certificate, proof.Key, proof.CA, append(users, lines...)...)
	_, port, err := net.SplitHostPort(server.Address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// clusterOfOne is a node with every slot, that tells its name rather than its address.
func clusterOfOne(t *testing.T, ca *networktest.CA) (port string) {
	t.Helper()
	port = tlsServer(t, ca, "cluster-enabled yes", "tls-cluster yes", "cluster-announce-hostname localhost", "cluster-preferred-endpoint-type hostname")
	text, err := os.ReadFile(ca.File())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	operator := redis.NewClient(&redis.Options{Addr: "localhost:" + port, Username: "operator", Password: "hunter3", TLSConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	defer func() { _ = operator.Close() }()
	if err := operator.Do(t.Context(), "cluster", "addslotsrange", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "the cluster is whole", func() bool {
		info, _ := operator.Do(t.Context(), "cluster", "info").Text()
		return strings.Contains(info, "cluster_state:ok")
	})
	return port
}

// TestTLS: a Redis proves by an authority that is trusted the name that it is called by,
// or nothing is told to it; and a user that is limited as docs/stores.md says has all
// that spending needs, and nothing of another service.
func TestTLS(t *testing.T) {
	ca, other := networktest.NewCA(t), networktest.NewCA(t)
	for _, form := range []struct {
		name, scheme string
		port         string
	}{
		{"single", "rediss", tlsServer(t, ca)},
		{"cluster", "rediss+cluster", clusterOfOne(t, ca)},
	} {
		for _, row := range []struct {
			name, scheme, host, roots, refusal string
		}{
			{"its authority and its name", form.scheme, "localhost", ca.File(), ""},
			{"another authority", form.scheme, "localhost", other.File(), "unknown authority"},
			{"the system's authorities", form.scheme, "localhost", "", "unknown authority"},
			{"another name", form.scheme, "127.0.0.1", ca.File(), "127.0.0.1"},
			{"without TLS", strings.Replace(form.scheme, "rediss", "redis", 1), "localhost", "", "EOF|reset|ended"},
		} {
			t.Run(form.name+" "+row.name, func(t *testing.T) {
				client, err := redisconn.Open(redisconn.Config{URL: secret.New(row.scheme + "://par:hunter2@" + row.host + ":" + form.port), Roots: row.roots})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = client.Close() }()
				tellsOnly(t, client, row.refusal)
			})
		}
	}
}

// tellsOnly holds that a store that proves itself is used, within the user's limits,
// and that another is refused.
func tellsOnly(t *testing.T, client *redisconn.Client, refusal string) {
	t.Helper()
	s := spending(storetest.Issuer(), "attempt")
	s.Issued = s.Issued.AddDate(0, 0, 1) // later than the store was born
	used, err := client.Burn(t.Context(), s)
	if refusal != "" {
		for part := range strings.SplitSeq(refusal, "|") {
			if err != nil && strings.Contains(err.Error(), part) {
				return
			}
		}
		t.Errorf("got %t, %v; want %s", used, err, refusal)
		return
	}
	if !used || err != nil {
		t.Errorf("%t, %v", used, err)
	}
	if err := client.Get(t.Context(), "token:{x}").Err(); err == nil || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("another service's key: %v", err)
	}
	if err := client.FlushDB(t.Context()).Err(); err == nil {
		t.Error("it was emptied")
	}
}
