package command

import (
	"context"
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/services/keys"
)

// commandInstance keeps the audit trail of a command apart from that of the
// service, which is open at the same time.
const commandInstance = "-command"

// Open makes the service of a configuration for a command.
func Open(ctx context.Context, cfg *keys.ProcessConfig, native keys.Native) (*keys.Service, func(), error) {
	if cfg.Audit.Folder != "" {
		instance, err := cfg.Audit.Name()
		if err != nil {
			return nil, nil, err
		}
		cfg.Audit.Instance = instance + commandInstance
	}
	cfg.Telemetry = telemetry.Config{} // its address is the running service's
	env, err := process.Open(rpc.Keys, cfg.Config)
	if err != nil {
		return nil, nil, err
	}
	service, end, err := assemble(ctx, env, cfg, keys.Deps{Native: native, Operator: true})
	if err != nil {
		return nil, nil, errors.Join(err, env.Close())
	}
	return service, func() { end(); _ = env.Close() }, nil
}

// Assemble makes the service of a process, and what ends it.
func Assemble(ctx context.Context, env *process.Env, cfg *keys.ProcessConfig, native keys.Native) (*keys.Service, func(), error) {
	return assemble(ctx, env, cfg, keys.Deps{Native: native})
}

func assemble(ctx context.Context, env *process.Env, cfg *keys.ProcessConfig, deps keys.Deps) (*keys.Service, func(), error) {
	db, err := sqlconn.Open(ctx, cfg.SQL, string(rpc.Keys), keys.Migrations)
	if err != nil {
		return nil, nil, err
	}
	deps.SQL, deps.Clock, deps.Log, deps.Audit, deps.Issuers = db, clock.System, env.Log, env.Audit, env.Issuers
	deps.SameTime = cfg.SQL.SameTime(db, deps.Clock)
	service, err := keys.New(ctx, cfg.Keys, deps)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	env.Telemetry.WatchSQL(rpc.Keys, db)
	if !deps.Operator {
		go cfg.SQL.WatchClock(ctx, db, clock.System, env.Log, env.Telemetry.WatchClock(rpc.Keys))
	}
	env.Telemetry.WatchKeys(service.Ages)
	env.Telemetry.WatchLease(rpc.Keys, keys.Rotating, service.Rotates)
	env.Needs(health.SparedFor(health.SQL(db))) // every key is in memory
	return service, func() { _ = db.Close() }, nil
}
