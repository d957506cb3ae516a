package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// load sends signed requests to one endpoint over connections that stay open.
type load struct {
	endpoint string
	proof    []byte
	senders  []*http.Client
}

// result is what became of them.
type result struct {
	latencies []time.Duration
	elapsed   time.Duration
}

// close ends the connections.
func (l *load) close() {
	for _, sender := range l.senders {
		sender.CloseIdleConnections()
	}
}

// drive sends the requests, each connection waiting for one answer before it
// sends the next, until they are used up or the time is over. Every answer must
// be a success: a refusal is cheap, and would make a server look fast.
func (l *load) drive(ctx context.Context, requests []request, longest time.Duration) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	took := make([][]time.Duration, len(l.senders))
	start := time.Now()
	for i, sender := range l.senders {
		group.Go(func() {
			for time.Since(start) < longest && ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(requests) {
					return
				}
				sent := time.Now()
				if err := l.send(ctx, sender, requests[n]); err != nil {
					cancel(err)
					return
				}
				took[i] = append(took[i], time.Since(sent))
			}
		})
	}
	group.Wait()
	out := result{elapsed: time.Since(start)}
	for _, some := range took {
		out.latencies = append(out.latencies, some...)
	}
	return out, context.Cause(ctx)
}

func (l *load) send(ctx context.Context, sender *http.Client, r request) error {
	answer, body, err := post(ctx, sender, l.endpoint, r)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 || !bytes.Contains(body, l.proof) {
		return fmt.Errorf("%s answers %s: %s", l.endpoint, answer.Status, body)
	}
	return nil
}

func post(ctx context.Context, sender *http.Client, endpoint string, r request) (*http.Response, []byte, error) {
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, err
	}
	call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.dpop != "" {
		call.Header.Set("DPoP", r.dpop)
	}
	answer, err := sender.Do(call)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer, body, err
}
