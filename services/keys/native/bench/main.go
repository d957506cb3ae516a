// Command bench measures keys: operations per second and CPU per operation, for each
// backend and algorithm, with one caller and with eight, all in the same run. It makes
// a SoftHSM token of its own and removes it.
//
//	go run ./services/keys/native/bench [--time 1s] [--rounds 3] [--alg PS256]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/native/openssl"
)

func main() {
	each := flag.Duration("time", time.Second, "how long each measurement takes")
	rounds := flag.Int("rounds", 3, "how often each is measured; the median counts")
	only := flag.String("alg", "", "measure this `algorithm` alone")
	flag.Parse()
	if err := run(context.Background(), *each, *rounds, jose.Algorithm(*only)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, each time.Duration, rounds int, only jose.Algorithm) error {
	backends, end, err := openAll()
	if err != nil {
		return err
	}
	defer end()
	version, err := openssl.Version()
	if err != nil {
		return err
	}
	fmt.Printf("%s; %d rounds of %s, medians\n\n", version, rounds, each)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "operation\tbackend\t1 caller/s\t8 callers/s\tCPU µs, 1\tCPU µs, 8\t")
	for _, algorithm := range append([]jose.Algorithm{jose.ES256, jose.PS256, jose.EdDSA}, jose.KeyManagement...) {
		if only != "" && algorithm != only {
			continue
		}
		subjects, err := subjectsOf(ctx, backends, algorithm)
		if err != nil {
			return err
		}
		figures := measureAll(subjects, each, rounds)
		for n, s := range subjects {
			fmt.Fprintf(table, "%s\t%s\t%.0f\t%.0f\t%.0f\t%.0f\t\n", algorithm, s.backend,
				figures[n][0].perSecond, figures[n][1].perSecond, figures[n][0].cpu, figures[n][1].cpu)
		}
	}
	return table.Flush()
}
