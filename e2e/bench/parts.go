package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// part is one process: its share of CPU and Memory in figures.
type part struct {
	CPU    float64 `json:"cpu_ms_per_request"`
	Memory float64 `json:"resident_mib"`
}

// parts are processes by what they are: keys, clientreg, …, redis.
type parts map[string]part

// probe is processes by name, to be asked before and after.
type probe map[string]int

// probeOf names the processes of a server and its Redis.
func probeOf(all ...*processes) probe {
	ids := probe{}
	for _, some := range all {
		for _, one := range some.running {
			ids[one.part()] = one.command.Process.Pid
		}
	}
	return ids
}

// usage of each process so far.
func (p probe) usage() (map[string]usage, error) {
	out := map[string]usage{}
	for name, id := range p {
		var err error
		if out[name], err = usageOf(id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// partsOf is what each used between before and after, for one of count requests.
func partsOf(before, after map[string]usage, count int) parts {
	out := parts{}
	for name, a := range after {
		out[name] = part{
			CPU:    milliseconds(a.cpu-before[name].cpu) / float64(max(count, 1)),
			Memory: float64(a.resident) / (1 << 20),
		}
	}
	return out
}

// cpu is that of all of them together.
func (p parts) cpu() (sum float64) {
	for _, one := range p {
		sum += one.CPU
	}
	return sum
}

// memory is that of the servers, without Redis.
func (p parts) memory() (sum float64) {
	for name, one := range p {
		if name != "redis" {
			sum += one.Memory
		}
	}
	return sum
}

// medianParts takes the median of each by itself.
func medianParts(rounds []figures) parts {
	out := parts{}
	if len(rounds) == 0 {
		return out
	}
	for name := range rounds[0].Parts {
		var cpu, memory []float64
		for _, round := range rounds {
			cpu, memory = append(cpu, round.Parts[name].CPU), append(memory, round.Parts[name].Memory)
		}
		out[name] = part{median(cpu), median(memory)}
	}
	return out
}

// String tells those that did something, in the order of their calls.
func (p parts) String() string {
	var words []string
	for _, name := range slices.SortedFunc(maps.Keys(p), fromTheEdge) {
		if p[name].CPU >= 0.001 {
			words = append(words, fmt.Sprintf("%s %.3f", name, p[name].CPU))
		}
	}
	return strings.Join(words, ", ")
}

var order = []string{"gateway", "token", "authorize", "par", "clientreg", "keys", "redis"}

func fromTheEdge(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }
