package process

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// TestEndWhileStarting: a signal that comes while a process still starts is no fault;
// what else goes wrong then is one.
func TestEndWhileStarting(t *testing.T) {
	asked, fault := errors.New("terminated signal received"), errors.New("the address is in use")
	for _, row := range []struct {
		name   string
		signal bool
		start  func(context.Context) error
		want   error
	}{
		{"a step that tells of the context", true, func(ctx context.Context) error { return fmt.Errorf("migrate: %w", ctx.Err()) }, nil},
		{"a step that tells of its cause", true, func(ctx context.Context) error { return fmt.Errorf("migrate: %w", context.Cause(ctx)) }, nil},
		{"another fault", true, func(context.Context) error { return fault }, fault},
		{"another fault beside it", true, func(ctx context.Context) error { return errors.Join(ctx.Err(), fmt.Errorf("drain: %w", fault)) }, fault},
		{"two steps that tell of the context", true, func(ctx context.Context) error { return errors.Join(ctx.Err(), context.Cause(ctx)) }, nil},
		{"nobody asked for the end", false, func(context.Context) error { return context.Canceled }, context.Canceled},
		{"a good end", true, func(context.Context) error { return nil }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			if row.signal {
				end(asked)
			}
			if err := untilAsked(row.start)(ctx); !errors.Is(err, row.want) || err != nil && row.want == nil {
				t.Errorf("ended with %v, want %v", err, row.want)
			}
		})
	}
}
