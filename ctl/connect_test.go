package ctl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
)

func TestHostPort(t *testing.T) {
	for server, want := range map[string]string{
		"admin.example:9449":         "admin.example:9449",
		"https://admin.example:9449": "admin.example:9449",
		"https://[::1]:9449/":        "[::1]:9449",
		"":                           "",
		"admin.example":              "",
		"admin.example:":             "",
		"http://admin.example:9449":  "",
		"https://a@admin.example:1":  "",
		"https://admin.example:1/v1": "",
		"https://admin.example":      "",
	} {
		got, err := hostPort(server)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", server, got, err, want)
		}
		if err != nil && status(err) != exitUsage {
			t.Errorf("%q: exit status %d", server, status(err))
		}
	}
}

// TestExitStatus: as the help promises.
func TestExitStatus(t *testing.T) {
	for _, row := range []struct {
		err  error
		want int
	}{
		{nil, exitFine},
		{flag.ErrHelp, exitFine},
		{errWrong, exitWrong},
		{usageFault(errors.New("x")), exitUsage},
		{fmt.Errorf("around: %w", fault{errors.New("x")}), exitUsage},
		{grpcstatus.Error(codes.PermissionDenied, "x"), exitRefused},
		{grpcstatus.Error(codes.NotFound, "x"), exitRefused},
		{grpcstatus.Error(codes.InvalidArgument, "x"), exitRefused},
		{grpcstatus.Error(codes.Unimplemented, "x"), exitRefused},
		{grpcstatus.Error(codes.Unavailable, "x"), exitUnreachable},
		{grpcstatus.Error(codes.DeadlineExceeded, "x"), exitUnreachable},
		{grpcstatus.Error(codes.Internal, "x"), exitUnreachable},
		{context.Canceled, exitUnreachable},
	} {
		if got := status(row.err); got != row.want {
			t.Errorf("%v: exit status %d, want %d", row.err, got, row.want)
		}
	}
}
