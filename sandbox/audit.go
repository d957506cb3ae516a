package main

import (
	"context"
	"flag"
	"os"

	"github.com/strongroom-fapi/strongroom/platform/audit/auditcmd"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// auditTrail checks the services' audit trail, or takes out of it.
func auditTrail(_ context.Context, args []string) error {
	return auditcmd.Program{Name: "sandbox audit", Folder: auditFolder, Out: os.Stdout}.Run(args)
}

// auditFolder is that of the sandbox, unless a flag names another.
func auditFolder(flags *flag.FlagSet) func() string {
	var options layout.Options
	placeFlags(flags, &options)
	folder := flags.String("folder", "", "`folder` of the audit trail of services that run elsewhere (default: the sandbox's own)")
	return func() string {
		if *folder != "" {
			return *folder
		}
		return options.AuditFolder()
	}
}
