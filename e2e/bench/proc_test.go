package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	// Members 3 to 24 of proc(5): ppid 1, utime 250, stime 50, cutime 7, cstime 8, rss 1000 pages.
	const rest = " S 1 2 3 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 9 0 12345 1000000 1000 18446744073709551615"
	for _, test := range []struct {
		name, text string
		fails      bool
	}{
		{name: "times are ticks of 10 ms, rss is pages", text: "42 (redis-server)" + rest},
		{name: "the name may hold spaces and parentheses", text: "42 (a) S 9 9 (b)" + rest},
		{name: "a line cut off is refused", text: "42 (redis-server) S 1 2", fails: true},
		{name: "what is no number is refused", text: "42 (x)" + strings.Replace(rest, "250", "much", 1), fails: true},
		{name: "nothing is refused", text: "", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseStat([]byte(test.text))
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			want := usage{cpu: 3 * time.Second, ended: 150 * time.Millisecond, parent: 1, resident: 1000 * os.Getpagesize()}
			if !test.fails && got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
