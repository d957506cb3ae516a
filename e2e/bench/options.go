package main

import (
	"flag"
	"fmt"
	"slices"
	"time"
)

// connections are how many requests are under way at once, each on a connection
// of its own that stays open.
const connections = 16

// fewClients are what many clients are compared with.
const fewClients = 10

type options struct {
	rounds  int
	seconds float64
	only    string
	in      string
	clients int
	json    bool
	// telemetry adds the processes with metrics and traces on.
	telemetry bool
	// dirOf and issuer are of a deployment that runs already.
	dirOf, issuer string

	// soak is another command, with these.
	soak bool
	time time.Duration
	rate float64 // flows a second
	sql  string  // DSN of a PostgreSQL
}

func parseOptions(args []string) (options, error) {
	if len(args) > 0 && args[0] == "soak" {
		return parseSoak(args[1:])
	}
	o := options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), `bench measures pushed authorization requests and tokens, beside the least they could cost.

It needs Linux, two cores, go and redis-server; it builds and starts the rest.

  go run ./e2e/bench                    both renderings, PAR and tokens: about five minutes
  go run ./e2e/bench --only par         pushed requests alone
  go run ./e2e/bench --telemetry        the processes with telemetry on too
  go run ./e2e/bench --dir deploy/.client    a deployment that runs already
  go run ./e2e/bench --clients 10000    what many registered clients cost
  tools/with-stores go run ./e2e/bench soak    full flows for half an hour: do memory and tables stay flat?

`)
		flags.PrintDefaults()
	}
	flags.IntVar(&o.rounds, "rounds", 0, "measurements of each, in turn; medians are told (default 3; with --clients 5)")
	flags.Float64Var(&o.seconds, "seconds", 4, "length of one measurement")
	flags.StringVar(&o.only, "only", "", "measure `par`, token, dpop or flow alone; token is of both kinds")
	flags.StringVar(&o.in, "in", "", "measure `one` process or many alone")
	flags.IntVar(&o.clients, "clients", 0, "register this many clients and compare with 10 of them, instead of with the floor")
	flags.BoolVar(&o.telemetry, "telemetry", false, "also measure the processes with metrics served and 1 % of requests traced")
	flags.StringVar(&o.dirOf, "dir", "", "measure a deployment that runs already: its client `folder`, which deploy/up.sh fills")
	flags.StringVar(&o.issuer, "issuer", "https://localhost:9443/fapi2", "`URL` of that deployment's issuer")
	flags.BoolVar(&o.json, "json", false, "print JSON, with every round")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.rounds == 0 {
		o.rounds = 3
		if o.clients > 0 {
			o.rounds = 5
		}
	}
	return o, o.check(flags.Args())
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is not understood", rest[0])
	case o.rounds < 1 || o.rounds > 20:
		return fmt.Errorf("--rounds must be 1 to 20")
	case o.seconds < 0.5 || o.seconds > 30:
		return fmt.Errorf("--seconds must be 0.5 to 30: CPU time is told in hundredths of a second, and DPoP proofs grow old")
	case !slices.Contains([]string{"", "par", "token", "dpop", "flow"}, o.only):
		return fmt.Errorf("--only must be par, token, dpop or flow")
	case !slices.Contains([]string{"", "one", "many"}, o.in):
		return fmt.Errorf("--in must be one or many")
	case o.dirOf != "" && (o.in != "" || o.clients != 0 || o.telemetry):
		return fmt.Errorf("--dir measures what runs already: --in, --clients and --telemetry are for what the benchmark starts")
	case o.telemetry && o.in == "one":
		return fmt.Errorf("--telemetry measures processes: leave --in out, or write --in many")
	case o.clients != 0 && (o.clients <= fewClients || o.clients > 100_000):
		return fmt.Errorf("--clients must be above %d, at most 100000", fewClients)
	}
	return nil
}

// asks says whether an operation is to be measured.
func (o options) asks(op operation) bool {
	switch o.only {
	case "par":
		return op == push
	case "token":
		return op == token || op == dpopToken
	case "dpop":
		return op == dpopToken
	case "flow":
		return op == fullFlow
	}
	return true
}

// longest is when a run is given up: twice what it should take on a core that
// somebody else uses too.
func (o options) longest() time.Duration {
	measurements := float64(10 * o.rounds)
	signing := 3 * o.seconds
	registering := float64(o.clients) * 0.02
	return 5*time.Minute + time.Duration(2*(measurements*(o.seconds+signing+1)+registering))*time.Second
}
