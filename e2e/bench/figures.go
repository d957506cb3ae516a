package main

import (
	"math"
	"slices"
	"time"
)

// figures are what one measurement says, or the medians of several.
type figures struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	// CPU is that of all servers and Redis, in milliseconds for one request.
	CPU float64 `json:"cpu_ms_per_request"`
	// Busy is how much of their core they used, 1 being all of it: less means
	// that somebody else took the core, or that the generator could not follow.
	Busy float64 `json:"server_core_busy"`
	// Memory is what the servers hold resident afterwards, without Redis, in MiB.
	Memory float64 `json:"resident_mib"`
	// Parts are CPU and Memory by process, Redis too.
	Parts parts `json:"parts"`

	unseen bool // the servers run elsewhere: CPU, Busy and Memory are not known
}

// percentile is the nearest rank: of sorted values, the least one that q of
// them (0 to 1) do not exceed.
func percentile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median of an even count is the mean of the middle two.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// medians takes the median of each figure by itself.
func medians(rounds []figures) figures {
	of := func(member func(figures) float64) float64 {
		var values []float64
		for _, round := range rounds {
			values = append(values, member(round))
		}
		return median(values)
	}
	return figures{
		unseen:    len(rounds) > 0 && rounds[0].unseen,
		PerSecond: of(func(f figures) float64 { return f.PerSecond }),
		P50:       of(func(f figures) float64 { return f.P50 }),
		P99:       of(func(f figures) float64 { return f.P99 }),
		CPU:       of(func(f figures) float64 { return f.CPU }),
		Busy:      of(func(f figures) float64 { return f.Busy }),
		Memory:    of(func(f figures) float64 { return f.Memory }),
		Parts:     medianParts(rounds),
	}
}

// ratio is the median of the ratios of each round: what the machine did
// meanwhile weighs on both sides of one round alike.
func ratio(product, base []figures) float64 {
	var ratios []float64
	for i := range base { // a full flow has no floor
		if base[i].CPU > 0 {
			ratios = append(ratios, product[i].CPU/base[i].CPU)
		}
	}
	return median(ratios)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
