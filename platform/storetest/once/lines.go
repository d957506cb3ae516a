package once

import (
	"context"
	"net"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// lines are relays to every server of a store.
type lines struct {
	mu     sync.Mutex
	relays map[string]*relay.Relay
}

func newLines() *lines { return &lines{relays: map[string]*relay.Relay{}} }

// to is the relay to a server.
func (l *lines) to(address string) (*relay.Relay, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, ok := l.relays[address]; ok {
		return r, nil
	}
	r, err := relay.New(address)
	if err == nil {
		l.relays[address] = r
	}
	return r, err
}

func (l *lines) each(do func(*relay.Relay)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.relays {
		do(r)
	}
}

func (l *lines) pass()                       { l.each((*relay.Relay).Pass) }
func (l *lines) cutAfter(n int, asking bool) { l.each(func(r *relay.Relay) { r.CutAfter(n, asking) }) }
func (l *lines) dropAnswer()                 { l.each(func(r *relay.Relay) { r.DropAnswers(1, 0) }) }
func (l *lines) close()                      { l.each((*relay.Relay).Close) }

// under lets a client of Redis connect through the lines, to whatever server the
// form of Redis leads to.
func (l *lines) under(client *redisconn.Client) {
	switch c := client.UniversalClient.(type) {
	case *redis.ClusterClient:
		c.OnNewNode(func(node *redis.Client) { node.AddHook(dialler{lines: l}) })
	default:
		c.AddHook(dialler{lines: l})
	}
}

// dialler asks where a connection would lead, and goes there through a relay.
type dialler struct{ lines *lines }

func (d dialler) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		direct, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		server := direct.RemoteAddr().String()
		_ = direct.Close()
		line, err := d.lines.to(server)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, "tcp", line.Address())
	}
}

func (dialler) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (dialler) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
