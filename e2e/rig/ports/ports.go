// Package ports finds free ports for what tests and measurements start.
package ports

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

const (
	// portBlock is how many ports a layout takes, from its first one on.
	portBlock = 20
	// firstPort and lastPort lie below the range that systems give to outgoing
	// connections.
	firstPort = 12_000
	lastPort  = 32_000
)

// Free is the first of a block of free ports. Somebody may take one before
// it is used: who starts on them tries again elsewhere.
func Free() (int, error) {
	for range 100 {
		first := firstPort + rand.IntN((lastPort-firstPort)/portBlock)*portBlock //nolint:gosec // G404: a port is no secret
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
