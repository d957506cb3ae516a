package main

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// figure is one measurement. cpu is microseconds of CPU of the whole process for one
// operation: another program's load changes it far less than perSecond.
type figure struct{ perSecond, cpu float64 }

// callers are how many use a key at once.
var callers = [2]int{1, 8}

// measureAll measures the subjects in turn, round by round, so that what else the
// machine does falls on all alike. It answers the medians, by subject and callers.
func measureAll(subjects []subject, each time.Duration, rounds int) [][2]figure {
	samples := make([][2][]figure, len(subjects))
	for range rounds {
		for n, s := range subjects {
			for c, many := range callers {
				samples[n][c] = append(samples[n][c], measure(s, many, each))
			}
		}
	}
	medians := make([][2]figure, len(subjects))
	for n := range samples {
		for c := range callers {
			medians[n][c] = median(samples[n][c])
		}
	}
	return medians
}

func measure(s subject, many int, each time.Duration) figure {
	var done atomic.Int64
	var group sync.WaitGroup
	begun, used := time.Now(), cpu()
	for range many {
		group.Go(func() {
			for time.Since(begun) < each {
				if err := s.operate(); err != nil {
					fmt.Fprintln(os.Stderr, "bench:", s.backend, err)
					os.Exit(1)
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	took, n := time.Since(begun), float64(done.Load())
	return figure{n / took.Seconds(), float64((cpu() - used).Microseconds()) / n}
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// median of each member by itself.
func median(figures []figure) figure {
	middle := func(of func(figure) float64) float64 {
		var values []float64
		for _, f := range figures {
			values = append(values, of(f))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figure{middle(func(f figure) float64 { return f.perSecond }), middle(func(f figure) float64 { return f.cpu })}
}
