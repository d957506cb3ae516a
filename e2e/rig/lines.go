package rig

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
)

// The stores of a fleet, as the other end of a line.
const (
	TheRedis    = "redis"
	ThePostgres = "postgres"
)

// line leads from one part to another, or to a store.
type line struct{ from, to string }

// GatewayTimeout of a relayed fleet is short, so that a drill need not wait long
// for an answer that comes too late.
const GatewayTimeout = 1500 * time.Millisecond

// Relays are those of one line: one to each replica of a service, or one to a store.
type Relays []*relay.Relay

// Between are the relays through which both replicas of one part reach another.
func (f *Fleet) Between(from, to string) Relays {
	relays, ok := f.lines[line{from, to}]
	if !ok {
		panic(fmt.Sprintf("%s does not call %s", from, to))
	}
	return relays
}

// Each does the same to all relays.
func (r Relays) Each(do func(*relay.Relay)) {
	for _, one := range r {
		do(one)
	}
}

// Felt is how much of what went through was held back, delayed or cut so far.
func (r Relays) Felt() (pieces int) {
	r.Each(func(one *relay.Relay) { pieces += one.Felt() })
	return pieces
}

// relay leads everything that a part calls through relays.
func (f *Fleet) relay(name string, c map[string]any) error {
	services := c["services"].(map[string]any)
	for callee, addresses := range services {
		through, err := f.through(line{name, callee}, addresses.(string))
		if err != nil {
			return err
		}
		services[callee] = through
	}
	for store, at := range map[string]struct{ section, member, address string }{
		TheRedis: {"redis", "url", f.Layout.Redis}, ThePostgres: {"sql", "dsn", f.Layout.SQL},
	} {
		section, ok := c[at.section].(map[string]any)
		if !ok {
			continue
		}
		u, err := url.Parse(at.address)
		if err != nil {
			return err
		}
		if u.Host, err = f.through(line{name, store}, u.Host); err != nil {
			return err
		}
		section[at.member] = u.String()
	}
	if name == "gateway" {
		c["timeout"] = GatewayTimeout.String()
	}
	return nil
}

// through makes the relays of a line, once, and answers their addresses.
func (f *Fleet) through(l line, targets string) (string, error) {
	if f.lines[l] == nil {
		for target := range strings.SplitSeq(targets, ",") {
			one, err := relay.New(target)
			if err != nil {
				return "", err
			}
			f.later(func() error { one.Close(); return nil })
			f.lines[l] = append(f.lines[l], one)
		}
	}
	var addresses []string
	for _, one := range f.lines[l] {
		addresses = append(addresses, one.Address())
	}
	return strings.Join(addresses, ","), nil
}
