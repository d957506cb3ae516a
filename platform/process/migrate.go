package process

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// Migrate is the command that brings a service's schema up to date, before the
// replicas of a release that needs it start.
func Migrate(name rpc.Name, cfg *sqlconn.Config, migrations fs.FS) Command {
	return Command{"migrate", "bring the database schema up to date; several at once are fine", func(ctx context.Context, out io.Writer) error {
		version, err := sqlconn.Migrate(ctx, *cfg, string(name), migrations)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "the schema of %s is at version %d\n", name, version)
		return err
	}}
}
