package clientreg

import (
	"context"
	"errors"
)

// Follow asks every directory once who takes part, as Run does at each interval.
func (s *Service) Follow(ctx context.Context) error {
	var faults []error
	for _, w := range s.registry.watchedDocuments() {
		faults = append(faults, s.registry.follow(ctx, w))
	}
	return errors.Join(faults...)
}
