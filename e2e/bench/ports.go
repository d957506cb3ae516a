package main

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken in blocks, below the range that systems give to outgoing
// connections.
const (
	portBlock = 20
	firstPort = 12_000
	lastPort  = 32_000
)

// freePorts is the first of a block of free ports.
func freePorts() (int, error) {
	for range 100 {
		first := firstPort + rand.IntN((lastPort-firstPort)/portBlock)*portBlock
		if allFree(first) {
			return first, nil
		}
	}
	return 0, errors.New("no block of free ports was found")
}

func allFree(first int) bool {
	for port := first; port < first+portBlock; port++ {
		probe, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return false
		}
		_ = probe.Close()
	}
	return true
}
