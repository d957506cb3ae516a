package rig

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// stores are where a suite keeps its state; empty for the embedded ones.
type stores struct{ redis, sql string }

// errNoStores: who asked for processes asked for real stores.
var errNoStores = errors.New("processes share real stores: " + storetest.RedisURL + " and " + storetest.PostgresDSN + " must name them, as `make test` does")

// realStores are on the test's own servers, or on those that the environment names: a
// Redis database apart, and a PostgreSQL database of the suite's own, dropped
// afterwards.
func (s *Suite) realStores(ctx context.Context, redisDatabase string) (stores, error) {
	var found stores
	if s.special.Redis != "" {
		found.redis = s.special.Redis
	} else if address := os.Getenv(storetest.RedisURL); address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return stores{}, err
		}
		u.Path = "/" + redisDatabase
		found.redis = u.String()
	}
	if dsn := cmp.Or(s.special.SQL, os.Getenv(storetest.PostgresDSN)); dsn != "" {
		var err error
		if found.sql, err = s.createDatabase(ctx, dsn); err != nil {
			return stores{}, fmt.Errorf("create a database: %w", err)
		}
	}
	return found, nil
}

func (s *Suite) createDatabase(ctx context.Context, dsn string) (string, error) {
	admin, err := sql.Open("pgx", dsn)
	if err != nil {
		return "", err
	}
	name := "e2e_" + strings.ToLower(strings.ReplaceAll(oauth.NewID(), "-", "_"))
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE "`+name+`"`); err != nil {
		return "", errors.Join(err, admin.Close())
	}
	s.later(func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), `DROP DATABASE "`+name+`" WITH (FORCE)`)
		return errors.Join(err, admin.Close())
	})
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
