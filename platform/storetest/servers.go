package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a real Redis of a test's own.
type Server struct {
	Address string
	command *exec.Cmd
	program string
	args    []string
}

// NewServer starts one on a free port, in a folder of the test's own, with more
// lines of configuration. It needs redis-server, which tools/need installs.
func NewServer(t testing.TB, lines ...string) *Server {
	t.Helper()
	return run(t, nil, "port", kept, lines...)
}

// kept is nothing: tests' stores are in memory.
const kept = "save \"\"\nappendonly no\n"

// NewTLSServer is NewServer by TLS alone, with a certificate, its key and the authority
// that signed it, files in PEM.
func NewTLSServer(t testing.TB, certificate, key, ca string, lines ...string) *Server {
	t.Helper()
	return run(t, nil, "port 0\ntls-port", kept, append([]string{
		"tls-cert-file " + certificate, "tls-key-file " + key, "tls-ca-cert-file " + ca, "tls-auth-clients no",
	}, lines...)...)
}

// run starts a server of either kind, which mode tells, with its port behind the
// directive listen; a port that is taken is tried again.
func run(t testing.TB, mode []string, listen, settings string, lines ...string) *Server {
	t.Helper()
	const program = "redis-server"
	for range 5 {
		port := 10_000 + rand.IntN(12_000) //nolint:gosec // G404: a port of a test; a cluster's bus is 10,000 above
		dir := t.TempDir()
		file := filepath.Join(dir, "redis.conf")
		text := fmt.Sprintf("%s %d\nbind 127.0.0.1\ndir %s\n%s%s\n", listen, port, dir, settings, strings.Join(lines, "\n"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &Server{Address: fmt.Sprintf("127.0.0.1:%d", port), program: program, args: append([]string{file}, mode...)}
		s.start(t)
		t.Cleanup(s.Kill)
		if s.answers() {
			return s
		}
	}
	t.Fatalf("%s does not start", program)
	return nil
}

func (s *Server) start(t testing.TB) {
	t.Helper()
	s.command = exec.Command(s.program, s.args...) //nolint:gosec // G204: of this file
	if err := s.command.Start(); err != nil {
		t.Fatalf("%s: %v; tools/need installs it", s.program, err)
	}
}

// Return starts one again that was killed, with what it kept: a node of a cluster
// knows its peers, and nothing else.
func (s *Server) Return(t testing.TB) {
	t.Helper()
	s.start(t)
	if !s.answers() {
		t.Fatalf("%s does not start again at %s", s.program, s.Address)
	}
}

// answers waits until it listens.
func (s *Server) answers() bool {
	for range 200 {
		probe, err := net.DialTimeout("tcp", s.Address, time.Second)
		if err == nil {
			return probe.Close() == nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// Kill ends it as a power cut would.
func (s *Server) Kill() {
	_ = s.command.Process.Signal(syscall.SIGKILL)
	_, _ = s.command.Process.Wait()
}

// Detach keeps a replica of a cluster from what its primary writes from now on: it
// knows nobody there any more.
func (s *Server) Detach(t testing.TB) {
	t.Helper()
	s.Do(t, "config", "set", "masteruser", "nobody")
	s.Do(t, "config", "set", "masterauth", "nothing")
	s.Do(t, "client", "kill", "type", "master")
	Eventually(t, "the replica follows no more", func() bool { return strings.Contains(s.Do(t, "info", "replication"), "master_link_status:down") })
}

// Primary tells whether it takes writes, and not whether anybody believes it.
func (s *Server) Primary(t testing.TB) bool {
	t.Helper()
	return strings.Contains(s.Do(t, "info", "replication"), "role:master")
}

// Follows tells whether it is a replica that has what its primary has.
func (s *Server) Follows(t testing.TB) bool {
	t.Helper()
	return strings.Contains(s.Do(t, "info", "replication"), "master_link_status:up")
}

// Do sends one command.
func (s *Server) Do(t testing.TB, args ...any) string {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Address, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	answer, err := client.Do(context.Background(), args...).Result()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return fmt.Sprint(answer)
}

// Eventually asks until it holds.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	const patience = 30 * time.Second
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("%s: not within %s", what, patience)
}

// NewCluster starts a cluster of three primaries, each with a replica where asked
// for, and answers its URL and its servers, primaries first.
func NewCluster(t testing.TB, replicas bool) (string, []*Server) {
	t.Helper()
	const primaries = 3
	count := primaries
	if replicas {
		count *= 2
	}
	var servers []*Server
	for range count {
		servers = append(servers, NewServer(t, "cluster-enabled yes", "cluster-node-timeout 2000", "repl-diskless-sync-delay 0"))
	}
	for n, s := range servers[:primaries] {
		first, last := n*16384/primaries, (n+1)*16384/primaries-1
		s.Do(t, "cluster", "addslotsrange", first, last)
		s.Do(t, "cluster", "set-config-epoch", n+1)
	}
	for _, s := range servers[1:] {
		host, port, _ := net.SplitHostPort(s.Address)
		servers[0].Do(t, "cluster", "meet", host, port)
	}
	agreed := func() bool {
		for _, s := range servers {
			info := s.Do(t, "cluster", "info")
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", count)) {
				return false
			}
		}
		return true
	}
	Eventually(t, "the cluster agrees", agreed)
	for n, s := range servers[primaries:] {
		s.Do(t, "cluster", "replicate", servers[n].Do(t, "cluster", "myid"))
	}
	for _, s := range servers[primaries:] {
		Eventually(t, "a replica follows", func() bool { return s.Follows(t) })
	}
	return "redis+cluster://" + servers[0].Address + "?addr=" + servers[1].Address + "&addr=" + servers[2].Address, servers
}

// NewSentinels starts a primary, a replica and three Sentinels, and answers their
// URL, the primary and the replica.
func NewSentinels(t testing.TB) (address string, primary, replica *Server) {
	t.Helper()
	primary = NewServer(t)
	host, port, _ := net.SplitHostPort(primary.Address)
	replica = NewServer(t, "replicaof "+host+" "+port, "repl-diskless-sync-delay 0")
	Eventually(t, "the replica follows", func() bool { return replica.Follows(t) })
	var all []*Server
	for range 3 {
		all = append(all, run(t, []string{"--sentinel"}, "port", "", "sentinel monitor main "+host+" "+port+" 2",
			"sentinel down-after-milliseconds main 1000", "sentinel failover-timeout main 5000"))
	}
	for _, s := range all {
		Eventually(t, "the Sentinels know each other", func() bool {
			told := s.Do(t, "sentinel", "master", "main")
			return strings.Contains(told, "num-slaves:1") && strings.Contains(told, "num-other-sentinels:2")
		})
	}
	return "redis+sentinel://" + all[0].Address + "/0?master_name=main&addr=" + all[1].Address + "&addr=" + all[2].Address, primary, replica
}
