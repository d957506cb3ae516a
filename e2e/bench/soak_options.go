package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func parseSoak(args []string) (options, error) {
	o := options{soak: true}
	flags := flag.NewFlagSet("bench soak", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), `bench soak lets full flows (PAR, login, consent, code, token, API) run at a gentle rate
through a suite of processes on Redis and PostgreSQL, tells each minute how much
memory each process, Redis and each table takes, and fails where one of them grew.

  tools/with-stores go run ./e2e/bench soak --time 30m --rate 5

It needs Linux, two cores, go, redis-server and an empty PostgreSQL, such as
tools/with-stores starts. Lifetimes are minutes, so that what is kept comes and goes.

`)
		flags.PrintDefaults()
	}
	flags.DurationVar(&o.time, "time", 30*time.Minute, "how `long`, at least 3m")
	flags.Float64Var(&o.rate, "rate", 5, "`flows` that begin in a second")
	flags.StringVar(&o.sql, "sql", os.Getenv("STRONGROOM_TEST_POSTGRES"), "`DSN` of a PostgreSQL without the suite's schemas (default: that of tools/with-stores)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is not understood", flags.Arg(0))
	case o.time < 3*time.Minute || o.time > 24*time.Hour:
		return o, errors.New("--time must be 3m to 24h")
	case o.rate < 0.1 || o.rate > 1000:
		return o, errors.New("--rate must be 0.1 to 1000")
	case !strings.HasPrefix(o.sql, "postgres://"):
		return o, errors.New("--sql must be postgres://…; or run it by tools/with-stores, which starts one")
	}
	return o, nil
}
