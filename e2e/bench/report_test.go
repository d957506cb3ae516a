package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func example() *report {
	r := &report{Product: "strongroom", Base: "floor", Go: "go1.26", Rounds: 2, Seconds: 4, Connections: 16,
		Starts: []startTimes{{"one process", 900, 70}},
		Rows: []*row{{Rendering: "one process", Operation: push,
			Product: side{Rounds: []figures{{PerSecond: 3000, CPU: 0.30}, {PerSecond: 3200, CPU: 0.50}}},
			Base:    side{Rounds: []figures{{PerSecond: 6000, CPU: 0.15}, {PerSecond: 6400, CPU: 0.25}}},
		}},
	}
	r.conclude()
	return r
}

func TestTable(t *testing.T) {
	var text bytes.Buffer
	if err := example().writeText(&text); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	for _, test := range []struct {
		name string
		line int
		want []string
	}{
		{"the product's line names the operation and ends with the ratio", 3, []string{"one", "process", "PAR", "strongroom", "3100", "0.00", "0.00", "0.400", "0", "%", "0", "2.00"}},
		{"the floor's line stands below", 4, []string{"floor", "6200", "0.00", "0.00", "0.200", "0", "%", "0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Fields(lines[test.line]); strings.Join(got, "|") != strings.Join(test.want, "|") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if len(lines[2]) != len(lines[3]) || len(lines[3]) != len(lines[4]) {
		t.Errorf("the columns do not align:\n%s", text.String())
	}
	if !strings.Contains(text.String(), "first   900 ms") {
		t.Errorf("the start times are missing:\n%s", text.String())
	}
}

func TestJSONHoldsEveryRound(t *testing.T) {
	var text bytes.Buffer
	if err := example().writeJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Rows[0]; got.Ratio != 2 || len(got.Product.Rounds) != 2 || len(got.Base.Rounds) != 2 {
		t.Errorf("got %+v", got)
	}
}
