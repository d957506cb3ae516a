package rig

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// archiving are the settings that deploy/postgres/backup.sh asks for.
func (p *Postgres) archiving() []string {
	if p.archive == "" {
		return nil
	}
	return []string{"-c", "archive_mode=on", "-c", "archive_command=test ! -f " + p.archive + "/%f && cp %p " + p.archive + "/.%f && mv " + p.archive + "/.%f " + p.archive + "/%f"}
}

// Backup makes a base backup while the server runs, as an operator does, and answers
// its folder.
func (p *Postgres) Backup(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(p.folder(t), "base")
	p.script(t, "backup.sh", p.DSN, folder)
	return folder
}

// Archive waits until everything that was written by now is in the archive.
func (p *Postgres) Archive(t testing.TB) {
	t.Helper()
	db := must(sql.Open("pgx", p.DSN))
	defer func() { _ = db.Close() }()
	var segment string
	if err := db.QueryRowContext(t.Context(), `SELECT pg_walfile_name(pg_current_wal_lsn())`).Scan(&segment); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `SELECT pg_switch_wal()`); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(p.archive, segment)); err == nil {
			return
		}
	}
	t.Fatalf("%s is not archived within %s", segment, startTimeout)
}

// Destroy kills it, and takes away all that it had but the archive.
func (p *Postgres) Destroy(t testing.TB) {
	t.Helper()
	p.Kill(t)
	for deadline := time.Now().Add(startTimeout); os.RemoveAll(p.dir) != nil; time.Sleep(50 * time.Millisecond) { // its last processes may still write
		if time.Now().After(deadline) {
			t.Fatalf("%s cannot be removed", p.dir)
		}
	}
	must(0, os.Mkdir(p.dir, 0o700))
	if p.as != nil {
		must(0, os.Chown(p.dir, int(p.as.Uid), int(p.as.Gid)))
	}
}

// Restore starts it again from a base backup, as it was at a moment.
func (p *Postgres) Restore(t testing.TB, backup string, at time.Time) {
	t.Helper()
	p.script(t, "restore.sh", backup, p.archive, p.dir, at.UTC().Format("2006-01-02 15:04:05.000000+00"))
	p.Start(t)
	p.awaitPromotion(t)
}

// awaitPromotion waits until it takes writes: while it recovers it takes none.
func (p *Postgres) awaitPromotion(t testing.TB) {
	t.Helper()
	db := must(sql.Open("pgx", p.DSN))
	defer func() { _ = db.Close() }()
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var recovering bool
		if db.QueryRowContext(t.Context(), `SELECT pg_is_in_recovery()`).Scan(&recovering) == nil && !recovering {
			return
		}
	}
	t.Fatal("PostgreSQL does not end its recovery")
}

// RevokeAgain feeds an export of the audit trail to deploy/postgres/revoke-again.sql,
// and answers what that leaves to the operator.
func (f *Fleet) RevokeAgain(t testing.TB, export string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "psql", f.Layout.SQL, "--quiet", "-v", "ON_ERROR_STOP=1", "-f", scriptFile("revoke-again.sql")) //nolint:gosec // G204: the project's own
	command.Stdin = strings.NewReader(export)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("revoke-again.sql: %v\n%s", err, output)
	}
	return string(output)
}

// script runs one of deploy/postgres as the user that runs the server, who need not be
// able to read the project's folder.
func (p *Postgres) script(t testing.TB, name string, arguments ...string) {
	t.Helper()
	file, err := os.Open(scriptFile(name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	command := exec.CommandContext(t.Context(), "bash", append([]string{"-s", "--"}, arguments...)...) //nolint:gosec // G204: the project's own
	command.Stdin, command.Dir = file, "/"
	command.Env = append(os.Environ(), "PATH="+p.bin+":"+os.Getenv("PATH"))
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
}

// scriptFile is found from the folder of a package of this module's tests.
func scriptFile(name string) string { return filepath.Join("..", "..", "deploy", "postgres", name) }
