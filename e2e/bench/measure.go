package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"
)

const (
	// warmUp requests are sent before the measured ones, and tell how many of
	// those to sign.
	warmUp = 500
	// reserve is how many more are signed than the warm-up's pace asks for.
	reserve = 1.6
	// mostRequests are signed for one measurement.
	mostRequests = 200_000
)

// measure takes one measurement.
func (b *bench) measure(ctx context.Context, c contest, op operation) (figures, error) {
	s := c.server
	if op == fullFlow {
		return b.measureFlows(ctx, c)
	}
	signer := &signing{client: b.client, op: op, issuer: s.issuer, endpoint: s.endpoint(op), ids: c.ids, next: s.used}
	defer func() { s.used = signer.next }()
	l := b.newLoad(s, op, signer.endpoint)
	defer l.close()
	if err := signer.askNonce(ctx, l.senders[0]); err != nil {
		return figures{}, err
	}
	requests, err := b.warm(ctx, l, signer)
	if err != nil {
		return figures{}, err
	}
	runtime.GC() // what signing left behind
	return b.observe(s, func(longest time.Duration) (result, error) { return l.drive(ctx, requests, longest) })
}

// newLoad makes the connections.
func (b *bench) newLoad(s *server, op operation, endpoint string) *load {
	l := &load{endpoint: endpoint, proof: op.proof()}
	for range connections {
		certificate := b.client.certificate
		if op == dpopToken {
			certificate = nil
		}
		l.senders = append(l.senders, s.sender(certificate))
	}
	return l
}

// askNonce takes up a DPoP nonce, where the server wants one (RFC 9449 §8).
func (s *signing) askNonce(ctx context.Context, sender *http.Client) error {
	if s.op != dpopToken {
		return nil
	}
	r, err := s.request(s.ids[0])
	if err != nil {
		return err
	}
	answer, _, err := post(ctx, sender, s.endpoint, r)
	if err != nil {
		return err
	}
	s.nonce = answer.Header.Get("DPoP-Nonce")
	return nil
}

// warm opens the connections, fills caches, and signs what will be measured.
func (b *bench) warm(ctx context.Context, l *load, signer *signing) ([]request, error) {
	requests, err := signer.batch(warmUp)
	if err != nil {
		return nil, err
	}
	warm, err := l.drive(ctx, requests, time.Minute)
	if err != nil {
		return nil, err
	}
	pace := float64(len(warm.latencies)) / warm.elapsed.Seconds()
	return signer.batch(min(mostRequests, warmUp+int(pace*b.seconds*reserve)))
}

// observe drives the load and reads what the servers use meanwhile.
func (b *bench) observe(s *server, drive func(longest time.Duration) (result, error)) (figures, error) {
	everyone := probeOf(&s.processes, &b.redis)
	before, err := everyone.usage()
	if err != nil {
		return figures{}, err
	}
	r, err := drive(time.Duration(b.seconds * float64(time.Second)))
	if err != nil {
		return figures{}, err
	}
	after, err := everyone.usage()
	if err != nil {
		return figures{}, err
	}
	f, err := summary(r, partsOf(before, after, len(r.latencies)))
	f.unseen = len(everyone) == 0
	return f, err
}

// summary makes figures of what was seen.
func summary(r result, of parts) (figures, error) {
	if len(r.latencies) == 0 {
		return figures{}, fmt.Errorf("nothing was answered in %s", r.elapsed)
	}
	slices.Sort(r.latencies)
	return figures{
		PerSecond: float64(len(r.latencies)) / r.elapsed.Seconds(),
		P50:       milliseconds(percentile(r.latencies, 0.50)),
		P99:       milliseconds(percentile(r.latencies, 0.99)),
		CPU:       of.cpu(),
		Busy:      of.cpu() * float64(len(r.latencies)) / milliseconds(r.elapsed),
		Memory:    of.memory(),
		Parts:     of,
	}, nil
}
