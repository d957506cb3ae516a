package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// sampled makes a soak of twelve minutes at one flow a second; the column tells of
// each minute.
func sampled(of func(minute int, one *sample)) []sample {
	var seen []sample
	for minute := 1; minute <= 12; minute++ {
		one := sample{
			at: time.Duration(minute) * time.Minute, flows: int64(60 * minute), resident: map[string]int{"strongroom-par": 40 << 20},
			redisKeys: 5000, redisBytes: 3 << 20, tables: map[string]table{"authorize.user_grant": {rows: 170, bytes: 400 << 10}},
		}
		of(minute, &one)
		seen = append(seen, one)
	}
	return seen
}

func TestJudgement(t *testing.T) {
	for _, test := range []struct {
		name, grew string // what the error names; empty: none
		of         func(minute int, one *sample)
	}{
		{"what stays is flat", "", func(int, *sample) {}},
		{"what grew in the first third and stays is flat", "", func(minute int, one *sample) { one.redisKeys = int64(min(minute, 5) * 1000) }},
		{"a heap that breathes is flat", "", func(minute int, one *sample) { one.resident["strongroom-par"] = (40 + 20*(minute%2)) << 20 }},
		{"memory that leaks", "strongroom-par MiB grew", func(minute int, one *sample) { one.resident["strongroom-par"] = (40 + 3*minute) << 20 }},
		{"keys without a TTL", "Redis keys grew", func(minute int, one *sample) { one.redisKeys = int64(minute * 500) }},
		{"a table that nobody sweeps", "authorize.user_grant rows grew", func(minute int, one *sample) {
			one.tables["authorize.user_grant"] = table{rows: int64(min(15*minute, 190))}
		}},
		{"more rows than their retention allows", "may have", func(_ int, one *sample) { one.tables["authorize.user_grant"] = table{rows: 350} }},
		{"flows that fail", "5 of 725 flows failed", func(_ int, one *sample) { one.errors = 5 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &soak{bench: &bench{options: options{rate: 1}}}
			err := s.judge(new(bytes.Buffer), sampled(test.of))
			if test.grew == "" && err != nil {
				t.Error(err)
			}
			if test.grew != "" && (err == nil || !strings.Contains(err.Error(), test.grew)) {
				t.Errorf("got %v, want an error that names %q", err, test.grew)
			}
		})
	}
}

func TestSoakOptions(t *testing.T) {
	t.Setenv("STRONGROOM_TEST_POSTGRES", "")
	for _, test := range []struct{ name, args, want string }{
		{"as documented", "--time 30m --rate 5 --sql postgres://localhost/x", ""},
		{"no database", "", "tools/with-stores"},
		{"too short to tell", "--time 1m --sql postgres://localhost/x", "--time"},
		{"no load", "--rate 0 --sql postgres://localhost/x", "--rate"},
		{"nothing stands after the flags", "--sql postgres://localhost/x now", "now"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, err := parseOptions(append([]string{"soak"}, strings.Fields(test.args)...))
			if test.want == "" && (err != nil || !o.soak) {
				t.Errorf("%+v, %v", o, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want an error that names %q", err, test.want)
			}
		})
	}
}
