package main

import (
	"context"
	"fmt"
)

// compareClients measures the same server with requests of all its clients, and
// of a few of them.
func (b *bench) compareClients(ctx context.Context) (*report, error) {
	out := b.newReport(fmt.Sprintf("%d clients", fewClients))
	out.Product = fmt.Sprintf("%d clients", b.clients)
	for _, r := range b.renderings {
		for _, op := range r.operations {
			if op != dpopToken {
				out.Rows = append(out.Rows, &row{Rendering: r.name, Operation: op, of: r})
			}
		}
	}
	err := b.inTurn(ctx, out, func(w *row) (contest, contest) {
		all := w.of.product.bound
		return contest{w.of.product, all}, contest{w.of.product, all[:fewClients]}
	})
	return out, err
}
