package main

import (
	"log/slog"
	"os"

	"github.com/strongroom-fapi/strongroom/platform/logging"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// openLog writes the services' log twice: to standard error at the level asked
// for, and whole to a file, from which `sandbox explain` reads.
func openLog(place *layout.Layout, level string) (*slog.Logger, func(), error) {
	console, err := logging.New(logging.Config{Level: level}, os.Stderr, "sandbox")
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(place.File(layout.LogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	kept, err := logging.New(logging.Config{}, file, "sandbox")
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewMultiHandler(console.Handler(), kept.Handler()))
	logging.Libraries(log)
	return log, func() { _ = file.Close() }, nil
}
