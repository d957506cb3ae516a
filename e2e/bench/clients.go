package main

import (
	"context"
	"fmt"
	"time"
)

// compareClients measures the same server with requests of all its clients, and
// of a few of them.
func (b *bench) compareClients(ctx context.Context) (*report, error) {
	out := b.newReport(fmt.Sprintf("%d clients", fewClients))
	out.Product = fmt.Sprintf("%d clients", b.clients)
	for _, r := range b.renderings {
		for _, op := range r.operations {
			if op == push || op == token {
				out.Rows = append(out.Rows, &row{Rendering: r.name, Operation: op, of: r})
			}
		}
	}
	for _, r := range b.renderings {
		if err := b.visit(ctx, r); err != nil {
			return nil, err
		}
	}
	err := b.inTurn(ctx, out, func(w *row) (contest, contest) {
		all := w.of.product.bound
		return contest{w.of.product, all}, contest{w.of.product, all[:fewClients]}
	})
	return out, err
}

// visits are signed and sent at a time.
const visits = 5000

// visit lets every client come once: a client is loaded when it first comes, and
// what is compared are clients in use.
func (b *bench) visit(ctx context.Context, r *rendering) error {
	if len(r.operations) == 0 {
		return nil
	}
	b.say("every client comes once: %s", r.name)
	s, op := r.product, r.operations[0]
	signer := &signing{client: b.client, op: op, issuer: s.issuer, endpoint: s.endpoint(op), ids: s.bound}
	l := b.newLoad(s, op, signer.endpoint)
	defer l.close()
	for signer.next < len(s.bound) {
		requests, err := signer.batch(min(visits, len(s.bound)-signer.next))
		if err != nil {
			return err
		}
		if _, err := l.drive(ctx, requests, time.Minute); err != nil {
			return err
		}
	}
	return nil
}
