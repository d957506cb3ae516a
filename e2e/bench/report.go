package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
)

// report is what a run says.
type report struct {
	// Product and Base name the two sides of every row.
	Product string `json:"product"`
	Base    string `json:"base"`

	Go          string  `json:"go"`
	Rounds      int     `json:"rounds"`
	Seconds     float64 `json:"seconds"`
	Connections int     `json:"connections"`

	Starts []startTimes `json:"starts"`
	Rows   []*row       `json:"rows"`
}

// startTimes are from the start of a rendering to its first answer, in
// milliseconds.
type startTimes struct {
	Rendering string  `json:"rendering"`
	First     float64 `json:"first_ms"`
	Second    float64 `json:"second_ms"`
}

// row compares two sides of one operation.
type row struct {
	Rendering string    `json:"rendering"`
	Operation operation `json:"operation"`
	Product   side      `json:"product"`
	Base      side      `json:"base"`
	// Ratio is the product's CPU time for one request to the base's.
	Ratio float64 `json:"cpu_ratio"`

	of *rendering
}

// side is one side of a row.
type side struct {
	Medians figures   `json:"medians"`
	Rounds  []figures `json:"rounds"`
}

func (b *bench) newReport(base string) *report {
	out := &report{
		Product: "strongroom", Base: base, Go: runtime.Version(),
		Rounds: b.rounds, Seconds: b.seconds, Connections: connections,
	}
	for _, r := range b.renderings {
		out.Starts = append(out.Starts, startTimes{r.name, milliseconds(r.first), milliseconds(r.second)})
	}
	return out
}

// conclude takes medians and ratios, when all is measured.
func (r *report) conclude() {
	for _, w := range r.Rows {
		w.Product.Medians, w.Base.Medians = medians(w.Product.Rounds), medians(w.Base.Rounds)
		w.Ratio = ratio(w.Product.Rounds, w.Base.Rounds)
	}
}

func (r *report) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return r.writeJSON(w)
	}
	return r.writeText(w)
}

func (r *report) writeJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

const explanation = `
CPU/request: milliseconds of all server processes and Redis together; ratio: of it, %s to %s.
core: how much of the one core of all servers they used. memory: resident, without Redis.
Compare ratios between machines and days; the rest depends on who else uses the machine.
`

func (r *report) writeText(w io.Writer) error {
	where := "all servers and Redis on one core"
	if len(r.Starts) == 0 {
		where = "a deployment that ran already"
	}
	fmt.Fprintf(w, "%s; %d connections, ES256, %s; rounds: %d of %g s, medians told\n\n", r.Go, r.Connections, where, r.Rounds, r.Seconds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")+"\t") }
	line(pad("rendering"), pad("operation"), pad(""), "per second", "p50 ms", "p99 ms", "CPU/request", "core", "memory MiB", "ratio")
	for _, row := range r.Rows {
		if len(row.Base.Rounds) == 0 {
			line(cells(row.Rendering, string(row.Operation), r.Product, row.Product.Medians, "")...)
			continue
		}
		line(cells(row.Rendering, string(row.Operation), r.Product, row.Product.Medians, fmt.Sprintf("%.2f", row.Ratio))...)
		line(cells("", "", r.Base, row.Base.Medians, "")...)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(r.Starts) == 0 {
		return nil
	}
	fmt.Fprintf(w, explanation, r.Product, r.Base)
	r.writeParts(w)
	return r.writeStarts(w)
}

// writeParts tells which process takes how much of CPU/request.
func (r *report) writeParts(w io.Writer) {
	fmt.Fprintln(w, "\nCPU/request by process:")
	for _, row := range r.Rows {
		fmt.Fprintf(w, "  %s, %s: %s\n", row.Rendering, row.Operation, row.Product.Medians.Parts)
		if len(row.Base.Rounds) > 0 {
			fmt.Fprintf(w, "    %s: %s\n", r.Base, row.Base.Medians.Parts)
		}
	}
}

func cells(rendering, operation, side string, f figures, ratio string) []string {
	return []string{
		pad(rendering), pad(operation), pad(side),
		fmt.Sprintf("%.0f", f.PerSecond), fmt.Sprintf("%.2f", f.P50), fmt.Sprintf("%.2f", f.P99),
		measured(f, "%.3f", f.CPU), measured(f, "%.0f %%", 100*f.Busy), measured(f, "%.0f", f.Memory), ratio,
	}
}

// measured leaves out what is only known of processes on this machine.
func measured(f figures, format string, value float64) string {
	if f.unseen {
		return "–"
	}
	return fmt.Sprintf(format, value)
}

// pad keeps words at the left of their column; numbers are at the right.
func pad(words string) string { return fmt.Sprintf("%-20s", words) }

func (r *report) writeStarts(w io.Writer) error {
	_, err := fmt.Fprintln(w, "\nFrom the start to the first answer of discovery, on that core:")
	for _, s := range r.Starts {
		_, err = fmt.Fprintf(w, "  %-20s first %5.0f ms (%s), again %5.0f ms\n", s.Rendering, s.First, firstStart[s.Rendering], s.Second)
	}
	return err
}

// firstStart says what a first start has to do.
var firstStart = map[string]string{
	"one process":          "makes keys, certificates and databases",
	"processes":            "makes signing keys and databases; certificates are there",
	"processes, telemetry": "the same",
}
