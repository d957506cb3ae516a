//go:build e2e

package e2e

import (
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// Which services a row is about.
var (
	everyone  = []string{"keys", "clientreg", "par", "authorize", "token", "gateway"}
	called    = everyone[:5]
	onSQL     = []string{"keys", "clientreg", "authorize", "token"}
	onRedis   = []string{"clientreg", "par", "authorize", "token"}
	withCalls = everyone[2:]

	gatewayAlone = everyone[5:]
)

// TestWrongConfiguration: a service whose configuration is wrong or not whole ends at
// its start, with one line that names the member and says what was expected.
func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	for _, row := range []struct {
		name     string
		services []string
		path     string
		value    any
		want     []string
	}{
		{"a member that nobody knows", everyone, "colour", "red", []string{"colour"}},
		{"a text for a duration", everyone, "drain", "soon", []string{"drain must be a duration", "`soon`"}},
		{"no address to listen at", everyone, "listen", nil, []string{"listen", "host:port"}},
		{"an address without a port", everyone, "listen", "localhost", []string{"listen", "host:port"}},
		{"an address that is in use", called, "listen", func(service string) any { return s.Member(t, service, "listen") }, []string{"listen"}},
		{"no public listener", gatewayAlone, "public", nil, []string{"public", "host:port"}},
		{"no mutual listener", gatewayAlone, "mutual", nil, []string{"mutual"}},
		{"no certificate", everyone, "tls.certificate", nil, []string{"tls.certificate"}},
		{"a certificate that is not there", everyone, "tls.certificate", "/nowhere.pem", []string{"tls.certificate", "/nowhere.pem"}},
		{"a key that is none", everyone, "tls.key", "/dev/null", []string{"tls.key"}},
		{"authorities that are none", everyone, "tls.ca", "/dev/null", []string{"tls.ca"}},
		{"the certificate of another service", everyone, "tls", func(service string) any { return s.Member(t, notItself(service), "tls") }, []string{"tls.certificate"}},
		{"no issuers", everyone, "issuers", nil, []string{"issuers"}},
		{"issuers that are not there", everyone, "issuers", "/nowhere", []string{"issuers", "/nowhere"}},
		{"a folder without issuers", everyone, "issuers", t.TempDir(), []string{"issuers"}},
		{"an issuer of an unknown profile", everyone, "issuers", s.WrongIssuers(t, rig.Put("profile", "fapi3")), []string{"issuers", "fapi3"}},
		{"a level that is none", everyone, "log.level", "loud", []string{"log.level", "debug, info, warn or error"}},
		{"an audit instance with a slash", everyone, "audit.instance", "a/b", []string{"audit.instance"}},
		{"an audit folder that cannot be made", everyone, "audit.folder", "/dev/null/audit", []string{"audit.folder"}},
		{"audit files of a negative length", everyone, "audit.file_size", -1, []string{"audit.file_size", "bytes"}},
		{"more than all requests traced", everyone, "telemetry.traces.sample_ratio", 2, []string{"telemetry.traces.sample_ratio", "0 to 1"}},
		{"a collector without a port", everyone, "telemetry.traces.endpoint", "collector", []string{"telemetry.traces.endpoint", "host:port"}},
		{"metrics at no address", everyone, "telemetry.metrics.listen", "9464", []string{"telemetry.metrics.listen", "host:port"}},
		{"no database", onSQL, "sql.dsn", nil, []string{"sql.dsn", "postgres://"}},
		{"a database of another make", onSQL, "sql.dsn", "mysql://root@localhost/db", []string{"sql.dsn", "postgres://"}},
		{"a database that does not answer", onSQL, "sql", map[string]any{"dsn": "postgres://nobody@127.0.0.1:1/none", "wait": "100ms"}, []string{"sql.dsn"}},
		{"no connections", onSQL, "sql.max_connections", -1, []string{"sql.max_connections"}},
		{"no Redis", onRedis, "redis.url", nil, []string{"redis.url", "redis://"}},
		{"a Redis by another scheme", onRedis, "redis.url", "http://127.0.0.1:6379", []string{"redis.url", "redis://"}},
		{"authorities of Redis that are not there", onRedis, "redis.roots", "/nowhere.pem", []string{"redis.roots"}},
		{"a pool of a negative size", onRedis, "redis.pool_size", -1, []string{"redis.pool_size"}},
		{"no address of keys", withCalls, "services.keys", nil, []string{"services.keys"}},
		{"an address of keys without a port", withCalls, "services.keys", "keys", []string{"services.keys", "host:port"}},
		{"no key-encryption key", []string{"keys"}, "key_encryption_key", nil, []string{"key_encryption_key"}},
		{"a short key-encryption key", []string{"keys"}, "key_encryption_key", "c2hvcnQ=", []string{"key_encryption_key", "32"}},
		{"keys that rotate before they are known", []string{"keys"}, "rotation.lead", "1s", []string{"rotation.lead"}},
		{"a negative limit of pushes", []string{"par"}, "pushes_per_minute", -1, []string{"pushes_per_minute"}},
		{"no places at the gateway", gatewayAlone, "admission.concurrent", -1, []string{"admission.concurrent"}},
		{"a negative timeout", gatewayAlone, "timeout", "-1s", []string{"timeout must be a duration"}},
		{"a negative time to linger", gatewayAlone, "linger", "-1s", []string{"linger must be a duration"}},
		{"a negative age of HSTS", gatewayAlone, "hsts", "-1s", []string{"hsts must be a duration"}},
		{"a negative number of connections", gatewayAlone, "max_connections", -1, []string{"max_connections must be a number"}},
		{"a URL of Redis in a file that is not there", onRedis, "redis.url", "file:/nowhere", []string{"url must be a secret", "/nowhere"}},
		{"a user whom Redis does not know", onRedis, "redis.url", func(string) any {
			return strings.Replace(os.Getenv(storetest.RedisURL), "redis://", "redis://nobody:nothing@", 1)
		}, []string{"redis.url", "WRONGPASS"}},
		{"a certificate that has expired", everyone, "tls", func(service string) any { return expired(t, service) }, []string{"tls.certificate", "expired"}},
		{"an operator of no role", []string{"clientreg"}, "admin.callers", []any{map[string]any{"name": "dns:a.example", "role": "king", "issuers": []any{"*"}}}, []string{"admin.callers", "reader", "operator"}},
	} {
		for _, service := range row.services {
			t.Run(row.name+"/"+service, func(t *testing.T) {
				said, status := s.StartWrong(t, service, rig.Put(row.path, valueFor(row.value, service)))
				refusedAtStart(t, service, said, status, row.want)
			})
		}
	}
}

func refusedAtStart(t *testing.T, service, said string, status int, want []string) {
	t.Helper()
	if status != 1 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "strongroom-"+service+": ") {
		t.Errorf("it ended with %d and said:\n%s", status, said)
	}
	if slices.ContainsFunc(want, func(words string) bool { return !strings.Contains(said, words) }) {
		t.Errorf("of %q something is missing:\n%s", want, said)
	}
}

// expired is a service's own certificate, of yesterday.
func expired(t *testing.T, service string) network.Identity {
	t.Helper()
	return networktest.NewCA(t).IdentityOf(t, &x509.Certificate{
		DNSNames: []string{service}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// valueFor is what differs from service to service.
func valueFor(value any, service string) any {
	if of, ok := value.(func(service string) any); ok {
		return of(service)
	}
	return value
}

func notItself(service string) string {
	if service == "keys" {
		return "par"
	}
	return "keys"
}
