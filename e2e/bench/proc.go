package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc/PID/stat: USER_HZ is 100 wherever Go
// runs on Linux.
const tick = 10 * time.Millisecond

// usage is what a process has used so far.
type usage struct {
	// cpu is user and system time of all threads.
	cpu time.Duration
	// resident memory, in bytes.
	resident int
	// ended is user and system time of children that ended and were waited for.
	ended time.Duration
	// parent is the id of the process that this one is a child of.
	parent int
}

// usageOf asks for one process.
func usageOf(id int) (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return usage{}, fmt.Errorf("a server has ended: %w", err)
	}
	return parseStat(text)
}

// parseStat reads ppid, utime, stime, cutime, cstime and rss, members 4, 14 to 17 and
// 24 of proc(5). The second is a name in parentheses that may hold anything.
func parseStat(text []byte) (usage, error) {
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 22 {
		return usage{}, fmt.Errorf("/proc/PID/stat has %d members after the name", len(fields))
	}
	var numbers [6]int
	for i, at := range []int{4 - 3, 14 - 3, 15 - 3, 16 - 3, 17 - 3, 24 - 3} {
		n, err := strconv.Atoi(fields[at])
		if err != nil {
			return usage{}, fmt.Errorf("/proc/PID/stat: %w", err)
		}
		numbers[i] = n
	}
	return usage{
		parent:   numbers[0],
		cpu:      time.Duration(numbers[1]+numbers[2]) * tick,
		ended:    time.Duration(numbers[3]+numbers[4]) * tick,
		resident: numbers[5] * os.Getpagesize(),
	}, nil
}
