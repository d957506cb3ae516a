package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
)

// Redis is a server of one test's own, to be filled, stopped and started again. It
// writes every command to disk before it answers, and evicts nothing.
type Redis struct {
	URL string

	dir    string
	port   int
	server *exec.Cmd
	client *redis.Client
}

// NewRedis starts one; it ends with the test.
func NewRedis(t testing.TB) *Redis {
	t.Helper()
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{URL: fmt.Sprintf("redis://127.0.0.1:%d", port), dir: t.TempDir(), port: port}
	r.client = redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port), MaxRetries: -1, DialTimeout: time.Second})
	t.Cleanup(func() {
		r.Kill(t)
		_ = r.client.Close()
	})
	r.Start(t)
	return r
}

// Start starts it, with what it kept.
func (r *Redis) Start(t testing.TB) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is missing: tools/need installs it")
	}
	r.server = exec.Command(program, "--port", fmt.Sprint(r.port), "--bind", "127.0.0.1", "--dir", r.dir, //nolint:gosec // G204: a program of this machine
		"--save", "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
	endWithTest(r.server)
	if err := r.server.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for r.client.Ping(ctx).Err() != nil {
		select {
		case <-ctx.Done():
			t.Fatal("redis-server does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill ends it without a warning.
func (r *Redis) Kill(t testing.TB) {
	t.Helper()
	if r.server == nil {
		return
	}
	r.signal(t, syscall.SIGKILL)
	_ = r.server.Wait() // it says that it was killed
	r.server = nil
}

// Keep copies what it has on disk by now, and answers how to bring that back while
// it is killed: a file that is older than what was acknowledged.
func (r *Redis) Keep(t testing.TB) (restore func()) {
	t.Helper()
	old := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(old, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	return func() {
		r.Forget(t)
		if err := os.CopyFS(r.dir, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
	}
}

// Forget removes what it has on disk, while it is killed.
func (r *Redis) Forget(t testing.TB) {
	t.Helper()
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(r.dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// Freeze stops it from answering; what is sent meanwhile it reads after Thaw.
func (r *Redis) Freeze(t testing.TB) { t.Helper(); r.signal(t, syscall.SIGSTOP) }

// Thaw lets it go on.
func (r *Redis) Thaw(t testing.TB) { t.Helper(); r.signal(t, syscall.SIGCONT) }

func (r *Redis) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := r.server.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Room leaves it so many bytes beyond what it uses now, or, where negative, lacks
// so many; 0 is as many as there are.
func (r *Redis) Room(t testing.TB, bytes int) {
	t.Helper()
	most := 0
	if bytes != 0 {
		most = bytes + r.used(t)
	}
	if err := r.client.ConfigSet(t.Context(), "maxmemory", fmt.Sprint(most)).Err(); err != nil {
		t.Fatal(err)
	}
}

func (r *Redis) used(t testing.TB) (bytes int) {
	t.Helper()
	info, err := r.client.Info(t.Context(), "memory").Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if n, err := fmt.Sscanf(line, "used_memory:%d", &bytes); n == 1 && err == nil {
			return bytes
		}
	}
	t.Fatal(errors.New("redis does not tell its memory"))
	return 0
}

// Count is how many keys begin so.
func (r *Redis) Count(t testing.TB, prefix string) int {
	t.Helper()
	keys, err := r.client.Keys(t.Context(), strings.NewReplacer("{", `\{`, "[", `\[`).Replace(prefix)+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return len(keys)
}
