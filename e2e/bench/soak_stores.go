package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/redis/go-redis/v9"
)

// stores are looked at from outside, beside the suite.
type stores struct {
	redis *redis.Client
	sql   *sql.DB
}

func openStores(redisAddress, dsn string) (*stores, error) {
	db, err := sql.Open("pgx", dsn)
	return &stores{redis.NewClient(&redis.Options{Addr: redisAddress, DB: 1, MaxRetries: -1}), db}, err
}

func (s *stores) close() error { return errors.Join(s.redis.Close(), s.sql.Close()) }

// redisUse is how many keys there are, and the bytes of all that Redis keeps.
func (s *stores) redisUse(ctx context.Context) (keys, bytes int64, err error) {
	if keys, err = s.redis.DBSize(ctx).Result(); err != nil {
		return 0, 0, err
	}
	memory, err := s.redis.Info(ctx, "memory").Result()
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(memory) {
		if value, ok := strings.CutPrefix(line, "used_memory:"); ok {
			bytes, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return keys, bytes, err
		}
	}
	return 0, 0, errors.New("INFO memory tells no used_memory")
}

// table is one of a service's.
type table struct {
	rows int64
	// bytes with its indexes, and with what is dead in it.
	bytes int64
}

// tables are those of all services, by SCHEMA.TABLE.
func (s *stores) tables(ctx context.Context) (map[string]table, error) {
	names, err := s.tableNames(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]table{}
	for _, name := range names {
		var one table
		// The names come from the catalogue.
		if err := s.sql.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*), pg_total_relation_size('%s') FROM %s`, name, name)).Scan(&one.rows, &one.bytes); err != nil {
			return nil, err
		}
		all[name] = one
	}
	return all, nil
}

func (s *stores) tableNames(ctx context.Context) ([]string, error) {
	rows, err := s.sql.QueryContext(ctx, `
		SELECT schemaname || '.' || tablename FROM pg_tables
		WHERE schemaname IN ('keys', 'clientreg', 'authorize', 'token') AND tablename <> 'goose_db_version' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
