package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// sample is how things are at one moment.
type sample struct {
	at time.Duration // since the beginning
	// flows, errors and missed since the beginning.
	flows, errors, missed int64
	resident              map[string]int // bytes, by process
	redisKeys, redisBytes int64
	tables                map[string]table
	cpu                   map[string]time.Duration // since it started, by process
	postgres              postgresUse
}

func (s *soak) look(ctx context.Context) (one sample, err error) {
	one = sample{flows: s.flows.Load(), errors: s.errors.Load(), missed: s.missed.Load(), resident: map[string]int{}, cpu: map[string]time.Duration{}}
	for _, p := range slices.Concat(s.product.product.processes.running, s.product.beside.running, s.redis.running) {
		u, err := usageOf(p.command.Process.Pid)
		if err != nil {
			return one, err
		}
		one.resident[p.name()], one.cpu[p.name()] = u.resident, u.cpu
	}
	if one.postgres, err = s.stores.postgresUse(ctx); err != nil {
		return one, err
	}
	if one.postgres.here {
		one.cpu["postgres"] = one.postgres.cpu
	}
	if one.redisKeys, one.redisBytes, err = s.stores.redisUse(ctx); err != nil {
		return one, err
	}
	one.tables, err = s.stores.tables(ctx)
	return one, err
}

// columns are the sample's numbers by name, in the order of telling.
func (one sample) columns() (names []string, values map[string]float64) {
	values = map[string]float64{"Redis keys": float64(one.redisKeys), "Redis KiB": float64(one.redisBytes) / (1 << 10)}
	for name, bytes := range one.resident {
		values[name+" MiB"] = float64(bytes) / (1 << 20)
	}
	for name, t := range one.tables {
		values[name+" rows"], values[name+" KiB"] = float64(t.rows), float64(t.bytes)/(1<<10)
	}
	return slices.Sorted(maps.Keys(values)), values
}

func (one sample) print(w io.Writer, first bool) {
	names, values := one.columns()
	var resident, stores []string
	for _, name := range names {
		if process, ok := strings.CutSuffix(name, " MiB"); ok {
			resident = append(resident, fmt.Sprintf("%s %.0f", process, values[name]))
		} else if table, ok := strings.CutSuffix(name, " rows"); ok {
			stores = append(stores, fmt.Sprintf("%s %.0f", table, values[name]))
		}
	}
	if first {
		fmt.Fprintln(w, "minute: flows since the beginning, errors, missed | MiB resident | Redis | rows of tables")
	}
	fmt.Fprintf(w, "%5.1f: %d, %d, %d | %s | %d keys, %d KiB | %s\n", one.at.Minutes(), one.flows, one.errors, one.missed,
		strings.Join(resident, ", "), one.redisKeys, one.redisBytes>>10, strings.Join(stores, ", "))
}
