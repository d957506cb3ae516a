package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgresUse is what PostgreSQL has done since it started.
type postgresUse struct {
	// here says that it runs on this machine, so that cpu is known.
	here bool
	// cpu of its postmaster and of all backends, also those that ended.
	cpu time.Duration
	// wal is bytes written ahead.
	wal int64
	// transactions that were committed or rolled back in this database.
	transactions int64
}

func (s *stores) postgresUse(ctx context.Context) (use postgresUse, err error) {
	var backend int
	var local bool
	if err := s.sql.QueryRowContext(ctx, `
		SELECT pg_backend_pid(), coalesce(inet_client_addr() = inet_server_addr(), true),
			pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, xact_commit + xact_rollback
		FROM pg_stat_database WHERE datname = current_database()`).Scan(&backend, &local, &use.wal, &use.transactions); err != nil {
		return use, err
	}
	if !local {
		return use, nil
	}
	one, err := usageOf(backend)
	if err != nil {
		return use, err
	}
	use.here = true
	use.cpu, err = familyOf(one.parent)
	return use, err
}

// familyOf is the CPU of a process and of its children, also those that ended.
func familyOf(parent int) (time.Duration, error) {
	one, err := usageOf(parent)
	if err != nil {
		return 0, err
	}
	sum := one.cpu + one.ended
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		id, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue // not a process
		}
		child, err := usageOf(id)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // ended meanwhile
		} else if err != nil {
			return 0, err
		}
		if child.parent == parent {
			sum += child.cpu
		}
	}
	return sum, nil
}

// tellCost says what a flow cost between two samples: CPU of each process, and
// what PostgreSQL wrote ahead and committed.
func tellCost(w io.Writer, first, last sample) {
	flows := float64(max(last.flows-first.flows, 1))
	var words []string
	for _, name := range slices.Sorted(maps.Keys(last.cpu)) {
		words = append(words, fmt.Sprintf("%s %.2f", name, milliseconds(last.cpu[name]-first.cpu[name])/flows))
	}
	fmt.Fprintf(w, "ms of CPU a flow: %s\n", strings.Join(words, ", "))
	fmt.Fprintf(w, "PostgreSQL a flow: %.1f transactions, %.1f KiB of WAL\n\n",
		float64(last.postgres.transactions-first.postgres.transactions)/flows, float64(last.postgres.wal-first.postgres.wal)/flows/(1<<10))
}
