package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/logging"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
	"github.com/strongroom-fapi/strongroom/sandbox/suite"
)

// attempts are how often a start is tried, each time on other ports.
const attempts = 3

// OneProcess starts everything in the process of the test, with the issuers FAPI2,
// Other and Elsewhere and a clock that can be set forward. Its stores are embedded, or the
// real ones where the environment names them.
func OneProcess(ctx context.Context) (*Suite, error) {
	return SpecialProcess(ctx, Special{})
}

// SpecialProcess is OneProcess for one test.
func SpecialProcess(ctx context.Context, special Special) (*Suite, error) {
	return start(ctx, special, (*Suite).startInProcess)
}

func start(ctx context.Context, special Special, by func(*Suite, context.Context) error) (*Suite, error) {
	var faults []error
	for range attempts {
		s := newSuite(special)
		err := by(s, ctx)
		if err == nil {
			return s, nil
		}
		faults = append(faults, err, s.Stop())
		if errors.Is(err, errNoStores) {
			break
		}
	}
	return nil, errors.Join(faults...)
}

func (s *Suite) startInProcess(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var group errgroup.Group
	s.later(func() error { // ends the embedded Redis, after all who use it
		cancel()
		return nil
	})
	cfg, set, err := s.lay(ctx)
	if err != nil {
		return err
	}
	s.bank = cfg.Bank.InteractionIdentity
	log, err := logging.New(logging.Config{Level: "debug"}, s.Log, "e2e")
	if err != nil {
		return err
	}
	services, err := suite.New(ctx, cfg, suite.Deps{Issuers: set, Clock: s.Clock, Log: log})
	if err != nil {
		return err
	}
	s.later(services.Close)
	running, stop := context.WithCancel(ctx)
	group.Go(func() error { return services.Run(running) })
	group.Go(func() error { return ecosystem.RunBank(running, cfg.Bank, s.Clock, log) })
	group.Go(func() error { return ecosystem.RunDirectory(running, cfg.Directory, s.Clock, log) })
	s.later(func() error {
		stop()
		return group.Wait()
	})
	return s.ready(ctx, FAPI2, Nonces, Other, Elsewhere)
}

// lay chooses ports and stores and makes every part's configuration.
func (s *Suite) lay(ctx context.Context) (*layout.Configs, *issuer.Set, error) {
	options, err := s.options(ctx, "1")
	if err != nil {
		return nil, nil, err
	}
	if options.Redis == "" {
		if options.Redis, err = suite.EmbeddedRedis(ctx); err != nil {
			return nil, nil, err
		}
	}
	if s.Layout, err = layout.Open(options); err != nil {
		return nil, nil, err
	}
	if err := s.publish(); err != nil {
		return nil, nil, err
	}
	if err := s.addIssuers(); err != nil {
		return nil, nil, err
	}
	set, err := s.Layout.Issuers()
	if err != nil {
		return nil, nil, err
	}
	cfg, err := s.Layout.Configs(options.Redis)
	if err != nil {
		return nil, nil, err
	}
	// The bank's pages serve Other's users too; its API takes no tokens from there.
	cfg.Bank.Issuers = slices.DeleteFunc(cfg.Bank.Issuers, func(i ecosystem.BankIssuer) bool { return i.Issuer == s.Issuer(Other) })
	if s.special.Configure != nil {
		s.special.Configure(cfg)
	}
	return cfg, set, s.fronted(&cfg.Gateway)
}

// options choose a folder, ports and stores.
func (s *Suite) options(ctx context.Context, redisDatabase string) (layout.Options, error) {
	dir, err := s.folder()
	if err != nil {
		return layout.Options{}, err
	}
	port, err := ports.Free()
	if err != nil {
		return layout.Options{}, err
	}
	if err := s.openPublisher(); err != nil {
		return layout.Options{}, err
	}
	found, err := s.realStores(ctx, redisDatabase)
	return layout.Options{Dir: dir, Port: port, Redis: found.redis, SQL: found.sql, FetchAllow: []string{s.publisher.host()}}, err
}

// addIssuers adds two issuers, equal to the first but for their names and, in one,
// for the API that its tokens are for; in the other, for what its trust framework
// lets come again.
func (s *Suite) addIssuers() error {
	set, err := s.Layout.Issuers()
	if err != nil {
		return err
	}
	first, ok := set.ByName(FAPI2)
	if !ok {
		return fmt.Errorf("the sandbox has no issuer %s", FAPI2)
	}
	for _, name := range []string{Other, Elsewhere} {
		more := *first
		more.Name = name
		more.Identifier = s.Layout.URL(layout.Public) + "/" + name
		more.MTLSBase = s.Layout.URL(layout.Mutual) + "/" + name
		if name == Elsewhere {
			more.Resource = ElsewhereAPI
		} else {
			more.TrustFrameworks = stricter(more.TrustFrameworks)
		}
		s.Layout.ExtraIssuers = append(s.Layout.ExtraIssuers, more)
	}
	return nil
}

// stricter demands what the strictest ecosystems do: software registers once, a
// statement comes once, and managing needs the software's certificate.
func stricter(frameworks []framework.Framework) []framework.Framework {
	frameworks = slices.Clone(frameworks)
	for n := range frameworks {
		frameworks[n].Duplicates, frameworks[n].StatementOnce, frameworks[n].ManagementCertificate = framework.Refuse, true, true
	}
	return frameworks
}
