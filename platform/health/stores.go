package health

import (
	"context"
	"database/sql"

	"github.com/redis/go-redis/v9"
)

// Redis is the check that a service's Redis answers.
func Redis(client redis.UniversalClient) Check {
	return Check{Name: "redis", Ask: func(ctx context.Context) error { return client.Ping(ctx).Err() }}
}

// SQL is the check that a service's database answers.
func SQL(db *sql.DB) Check { return Check{Name: "sql", Ask: db.PingContext} }
