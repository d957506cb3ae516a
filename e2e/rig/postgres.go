package rig

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
)

// Postgres is a server of one test's own, to be killed and started again. What it
// has acknowledged is with the system before it answers, so that it outlives the
// process.
type Postgres struct {
	DSN string

	bin, dir string
	// archive is where finished segments of the WAL are copied to; empty for nowhere.
	archive string
	port    int
	as      *syscall.Credential
	server  *exec.Cmd
}

// NewPostgres starts one; it ends with the test.
func NewPostgres(t testing.TB) *Postgres {
	t.Helper()
	p := newPostgres(t)
	p.Start(t)
	return p
}

// NewArchivingPostgres is NewPostgres with an archive of its WAL, for backups.
func NewArchivingPostgres(t testing.TB) *Postgres {
	t.Helper()
	p := newPostgres(t)
	p.archive = p.folder(t)
	p.Start(t)
	return p
}

// newPostgres makes one that does not run yet.
func newPostgres(t testing.TB) *Postgres {
	t.Helper()
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	p := &Postgres{DSN: fmt.Sprintf("postgres://strongroom@127.0.0.1:%d/postgres?sslmode=disable", port), port: port, bin: postgresPrograms(t)}
	p.become(t)
	p.dir = p.folder(t)
	if output, err := p.program("initdb", "-D", p.dir, "--username=strongroom", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, output)
	}
	t.Cleanup(func() { p.Kill(t) })
	return p
}

// folder is one that the server may write to, until the test ends.
func (p *Postgres) folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "strongroom-postgres-") // not below a folder of root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if p.as != nil {
		if err := os.Chown(dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// postgresPrograms is where they are: Debian keeps them out of PATH.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil { // the others are beside it
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is missing: tools/need installs it")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

// become lets it run as the user postgres where the test runs as root, as whom it
// refuses to run.
func (p *Postgres) become(t testing.TB) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("PostgreSQL does not run as root: %v", err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p *Postgres) program(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(p.bin, name), arguments...) //nolint:gosec // G204: a program of this machine
	endWithTest(command)
	command.Dir = "/"
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Credential = p.as
	return command
}

// Start starts it, with what it kept; after a kill it first recovers. It may have
// to wait for the last of the killed server's processes.
func (p *Postgres) Start(t testing.TB) {
	t.Helper()
	db, err := sql.Open("pgx", p.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for ctx.Err() == nil {
		p.server = p.program("postgres", slices.Concat([]string{
			"-D", p.dir, "-p", fmt.Sprint(p.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "max_connections=200", "-c", "fsync=off",
		}, p.archiving())...)
		if err := p.server.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.server.Wait() }()
		for ctx.Err() == nil && len(ended) == 0 {
			if db.PingContext(ctx) == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Fatal("PostgreSQL does not answer")
}

// Kill ends it as a machine that fails does.
func (p *Postgres) Kill(t testing.TB) {
	t.Helper()
	if p.server != nil {
		_ = p.server.Process.Kill() // one that has ended is as well
	}
}
