package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// allowance is what the last third may be above the second: a part of it, and an
// amount below which nothing is a growth.
type allowance struct {
	part, amount float64
}

// allowed of a column, by the end of its name. A heap that is collected at five
// times what lives breathes; a table keeps dead rows until it is vacuumed.
func allowed(column string) allowance {
	switch {
	case strings.HasSuffix(column, " MiB"):
		return allowance{0.10, 4}
	case strings.HasSuffix(column, " KiB"):
		return allowance{0.15, 256}
	}
	return allowance{0.10, 20}
}

// trend compares the means of two thirds of a soak.
type trend struct {
	column       string
	second, last float64
	grew         bool
}

// trends of all columns.
func trends(seen []sample) []trend {
	var all []trend
	third := len(seen) / 3
	names, _ := seen[len(seen)-1].columns()
	for _, name := range names {
		t := trend{column: name, second: mean(seen[third:2*third], name), last: mean(seen[2*third:], name)}
		a := allowed(name)
		t.grew = t.last > t.second*(1+a.part)+a.amount
		all = append(all, t)
	}
	return all
}

func mean(seen []sample, column string) float64 {
	sum := 0.0
	for _, one := range seen {
		_, values := one.columns()
		sum += values[column]
	}
	return sum / float64(max(len(seen), 1))
}

// retained is the most rows that a table may have whose rows are kept for so long, at
// a rate of flows, and a tenth more.
func retained(rate float64, kept time.Duration) int64 {
	return int64(math.Ceil(1.1*rate*kept.Seconds())) + 1
}

// mostErrors is the part of flows that may fail: a machine with other work answers
// late at times.
const mostErrors = 0.001

// judge says whether memory and tables are flat.
func (s *soak) judge(w io.Writer, seen []sample) error {
	if len(seen) < 6 {
		return errors.New("it was too short to tell")
	}
	end := seen[len(seen)-1]
	fmt.Fprintf(w, "\n%d flows, %d errors, %d missed: %.2f flows a second\n", end.flows, end.errors, end.missed, float64(end.flows)/end.at.Seconds())
	tellCost(w, seen[0], end)
	var faults []error
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "mean of\tsecond third\tlast third\t")
	for _, t := range trends(seen) {
		verdict := "flat"
		if t.grew {
			verdict = "grew"
			faults = append(faults, fmt.Errorf("%s grew from %.1f to %.1f", t.column, t.second, t.last))
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%s\n", t.column, t.second, t.last, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if rows, most := end.tables[name].rows, retained(s.rate, kept[name]); rows > most {
			faults = append(faults, fmt.Errorf("%s has %d rows, and may have %d: %g flows a second kept for %s", name, rows, most, s.rate, kept[name]))
		}
	}
	if float64(end.errors) > mostErrors*float64(end.flows) {
		faults = append(faults, fmt.Errorf("%d of %d flows failed", end.errors, end.flows+end.errors))
	}
	if len(faults) == 0 {
		fmt.Fprintln(w, "\nMemory and tables are flat.")
	}
	return errors.Join(faults...)
}
