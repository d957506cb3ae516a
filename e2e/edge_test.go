package e2e

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// listeners are those of the authorization server, and the bank's.
var listeners = []layout.Port{layout.Public, layout.Mutual, layout.BankAPI, layout.BankPages}

// dial opens a TLS connection that ends soon, whatever the other side does.
func dial(t *testing.T, s *rig.Suite, port layout.Port, change func(*tls.Config)) (*tls.Conn, error) {
	t.Helper()
	config := &tls.Config{RootCAs: s.Layout.CA.Pool(), NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	if change != nil {
		change(config)
	}
	dialer := &tls.Dialer{Config: config}
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.Layout.URL(port), "https://"))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*tls.Conn), conn.SetDeadline(time.Now().Add(10 * time.Second))
}

// TestHandshake: TLS 1.2 with forward secrecy and AEAD, or 1.3, and nothing less
// (NET-2, NET-6: FAPI 2.0 §5.2.2).
func TestHandshake(t *testing.T) {
	t.Parallel()
	only := func(suites ...uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MaxVersion, c.CipherSuites = tls.VersionTLS12, suites }
	}
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, port := range listeners {
			for _, row := range []struct {
				id, why string
				change  func(*tls.Config)
			}{
				{"BAD-192", "TLS 1.0", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }},
				{"BAD-192", "TLS 1.1", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 }},
				{"BAD-192", "CBC", only(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256)},
				{"BAD-192", "RSA key transport", only(tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384)},
			} {
				t.Run(row.id+" "+row.why+" at "+s.Layout.URL(port), func(t *testing.T) {
					if _, err := dial(t, s, port, row.change); err == nil {
						t.Error("the handshake succeeded")
					}
				})
			}
			for _, good := range []func(*tls.Config){
				nil, only(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
			} {
				if _, err := dial(t, s, port, good); err != nil {
					t.Errorf("%s: %v", s.Layout.URL(port), err)
				}
			}
		}
	})
}

// exchange writes bytes as they are and reads what comes back until the server
// closes or nothing more comes.
func exchange(t *testing.T, s *rig.Suite, port layout.Port, request string) []*http.Response {
	t.Helper()
	conn, err := dial(t, s, port, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	var answers []*http.Response
	for reader := bufio.NewReader(conn); ; {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return answers
		}
		_, _ = io.Copy(io.Discard, answer.Body) // of a connection that may end meanwhile
		_ = answer.Body.Close()
		answers = append(answers, answer)
	}
}

// TestRequestHasOneReading: what a proxy and the server could read differently is
// refused (RFC 9112 §3.2, §5.1, §6.3).
func TestRequestHasOneReading(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	host := strings.TrimPrefix(s.Layout.URL(layout.Public), "https://")
	const path = "/fapi2/.well-known/openid-configuration"
	for _, row := range []struct{ id, why, request string }{
		{"BAD-193", "two Host headers", "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nHost: other.example\r\n\r\n"},
		{"BAD-193", "no Host header", "GET " + path + " HTTP/1.1\r\n\r\n"},
		{"BAD-193", "two lengths", "POST /fapi2/token HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"},
		{"BAD-193", "a space before the colon", "POST /fapi2/token HTTP/1.1\r\nHost: " + host + "\r\nContent-Length : 5\r\n\r\nabcde"},
		{"BAD-193", "an absolute form for another host", "GET https://other.example" + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"},
	} {
		t.Run(row.id+" "+row.why, func(t *testing.T) {
			if answers := exchange(t, s, layout.Public, row.request); len(answers) != 1 || answers[0].StatusCode != http.StatusBadRequest {
				t.Errorf("%d answers: %+v", len(answers), answers)
			}
		})
	}
}

// TestTwoLengthsAreOneRequest: BAD-193, a request with Content-Length and chunks
// is read as chunked, and what follows it on the connection is not answered.
func TestTwoLengthsAreOneRequest(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	host := strings.TrimPrefix(s.Layout.URL(layout.Public), "https://")
	answers := exchange(t, s, layout.Public, "POST /fapi2/token HTTP/1.1\r\nHost: "+host+
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+
		"GET /fapi2/.well-known/openid-configuration HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	if len(answers) != 1 || answers[0].StatusCode != http.StatusUnauthorized {
		t.Errorf("%d answers: %+v", len(answers), answers)
	}
}

// TestHeadersAreBounded: nobody fills the server's memory before it knows who asks.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	for _, port := range listeners {
		request := "GET / HTTP/1.1\r\nHost: " + strings.TrimPrefix(s.Layout.URL(port), "https://") + "\r\n"
		for _, row := range []struct{ id, why, header string }{
			{"BAD-194", "1000 short header lines", strings.Repeat("A: b\r\n", 1000)},
			{"BAD-194", "5000 header lines", strings.Repeat("X-Line: and another one\r\n", 5000)},
			{"BAD-194", "a cookie of 64 kB", "Cookie: c=" + strings.Repeat("c", 64<<10) + "\r\n"},
			{"BAD-194", "a cookie of 1 MB", "Cookie: c=" + strings.Repeat("c", 1<<20) + "\r\n"},
		} {
			t.Run(row.id+" "+row.why+" at "+s.Layout.URL(port), func(t *testing.T) {
				answers := exchange(t, s, port, request+row.header+"\r\n")
				if len(answers) != 1 || answers[0].StatusCode != http.StatusRequestHeaderFieldsTooLarge {
					t.Errorf("%d answers: %+v", len(answers), answers)
				}
			})
		}
	}
}

// TestSlowHeaders: who sends a header a byte at a time holds a connection for some
// seconds, and no longer (BAD-194).
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, port := range listeners {
			t.Run("BAD-194 slowloris at "+s.Layout.URL(port), func(t *testing.T) {
				t.Parallel()
				conn, err := dial(t, s, port, nil)
				if err != nil {
					t.Fatal(err)
				}
				const most = 15 * time.Second // the limit is 5, on a machine that is not busy
				if err := conn.SetDeadline(time.Now().Add(most)); err != nil {
					t.Fatal(err)
				}
				stopped := make(chan struct{})
				t.Cleanup(func() { <-stopped })
				go func() {
					defer close(stopped)
					_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
					for err == nil {
						time.Sleep(100 * time.Millisecond)
						_, err = io.WriteString(conn, "a")
					}
				}()
				begun := time.Now()
				_, err = io.Copy(io.Discard, conn)
				if took := time.Since(begun); took >= most {
					t.Errorf("it was held for %s: %v", took, err)
				}
			})
		}
	})
}
