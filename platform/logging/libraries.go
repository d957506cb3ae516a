package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc/grpclog"
)

// Libraries puts what gRPC and the client of Redis write by themselves, addresses and
// faults of connections, into a process's log, which is JSON throughout. Call it before
// the first connection.
func Libraries(log *slog.Logger) {
	redis.SetLogger(library{log, "redis"})
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, library{log, "grpc"}))
}

// library is one that writes by itself.
type library struct {
	log  *slog.Logger
	name string
}

// Printf is as the client of Redis wants it.
func (l library) Printf(ctx context.Context, format string, values ...any) {
	l.log.WarnContext(ctx, "library", "name", l.name, "said", fmt.Sprintf(format, values...))
}

// Write takes a line of gRPC, of which the time and the severity are in the log anyway.
func (l library) Write(line []byte) (int, error) {
	said := strings.TrimSpace(string(line))
	if _, words, ok := strings.Cut(said, "ERROR: "); ok {
		said = words
	}
	l.log.Warn("library", "name", l.name, "said", said) //nolint:noctx // gRPC gives none
	return len(line), nil
}
