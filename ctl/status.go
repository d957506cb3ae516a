package ctl

import (
	"errors"
	"flag"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
)

// fault is an error of the command line or of a file.
type fault struct{ error }

func (f fault) Unwrap() error { return f.error }

func usageFault(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return fault{err}
}

// status is the exit status that an error ends with.
func status(err error) int {
	var own fault
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.As(err, &own):
		return exitUsage
	}
	switch grpcstatus.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Internal, codes.Unknown:
		return exitUnreachable
	}
	return exitRefused
}

// message is an error for a person: of a server's answer the words alone.
func message(err error) string {
	var own fault
	if errors.As(err, &own) {
		return own.Error()
	}
	st, ok := grpcstatus.FromError(err)
	if !ok {
		return err.Error()
	}
	switch st.Code() {
	case codes.Unavailable:
		return "the server cannot be reached, or cannot answer: " + st.Message()
	case codes.DeadlineExceeded:
		return "the server did not answer in time; --timeout gives it longer"
	case codes.Unimplemented:
		return "the server does not know this call: it is another release, or no admin API"
	}
	return st.Message()
}
