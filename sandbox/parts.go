package main

import (
	"context"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/logging"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// initialise writes what parts need that run as processes of their own.
func initialise(_ context.Context, args []string) error {
	var options layout.Options
	flags := newFlags(" init", "write keys, certificates and a configuration file for each part into --dir, start nothing")
	placeFlags(flags, &options)
	storeFlags(flags, &options)
	flags.BoolVar(&options.Containers, "containers", false, "for parts in containers, as deploy/compose.yaml has them: also a folder for each in --dir/parts, and the certificates, users and roles of their Redis and PostgreSQL, unless --redis and --sql name others")
	flags.IntVar(&options.RedisNodes, "redis-nodes", 0, "with --containers: how many `nodes` a Redis Cluster has, redis, redis-2 and on (default: a single Redis)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if options.Redis == "" && !options.Containers {
		return fmt.Errorf("--redis is required: parts that run alone share a Redis")
	}
	place, err := layout.Open(options)
	if err != nil {
		return err
	}
	write := place.Write
	if options.Containers {
		write = place.WriteContainers
	}
	cfg, err := place.Configs(place.Redis)
	if err != nil {
		return err
	}
	return write(cfg)
}

// runBank runs the demo bank alone.
func runBank(ctx context.Context, args []string) error {
	var cfg ecosystem.BankConfig
	if err := loadPart(" bank", "run the demo bank alone", args, &cfg); err != nil {
		return err
	}
	log, err := logging.New(logging.Config{}, os.Stderr, "bank")
	if err != nil {
		return err
	}
	return ecosystem.RunBank(ctx, cfg, clock.System, log)
}

// runDirectory runs the directory alone.
func runDirectory(ctx context.Context, args []string) error {
	var cfg ecosystem.DirectoryConfig
	if err := loadPart(" directory", "run the trust framework's directory alone", args, &cfg); err != nil {
		return err
	}
	log, err := logging.New(logging.Config{}, os.Stderr, "directory")
	if err != nil {
		return err
	}
	return ecosystem.RunDirectory(ctx, cfg, clock.System, log)
}

func loadPart(name, about string, args []string, into config.Validator) error {
	flags := newFlags(name, about)
	file := flags.String("config", "", "path of the configuration, a YAML `file` as `sandbox init` writes it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return config.Load(*file, into)
}
