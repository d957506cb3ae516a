// Package e2e tests the suite from outside, over HTTPS, in both renderings: all
// in one process, and each part as a process of its own. Rows named BAD-n are
// hostile inputs; each says in a sentence what is wrong with it.
package e2e

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// rendering is one way to run the suite. It starts when a test first asks for it
// and is shared by all of them, who bring clients of their own.
type rendering struct {
	name  string
	start func() (*rig.Suite, error)
}

var oneProcess = &rendering{"one process", sync.OnceValues(func() (*rig.Suite, error) {
	return running(rig.OneProcess(context.Background()))
})}

// renderings are those that this build tests; processes need -tags e2e.
var renderings = []*rendering{oneProcess}

// started are the suites that run.
var (
	startedMu sync.Mutex
	started   []*rig.Suite
)

func running(s *rig.Suite, err error) (*rig.Suite, error) {
	if err == nil {
		startedMu.Lock()
		started = append(started, s)
		startedMu.Unlock()
	}
	return s, err
}

// special starts a suite of one test's own; it ends with the test, and its log is
// judged as that of the others.
func special(t *testing.T, of rig.Special) *rig.Suite {
	t.Helper()
	return ownSuite(t, of, rig.SpecialProcess)
}

// ownSuite is one that ends with its test.
func ownSuite(t *testing.T, of rig.Special, start func(context.Context, rig.Special) (*rig.Suite, error)) *rig.Suite {
	t.Helper()
	s, err := start(context.WithoutCancel(t.Context()), of)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error("the suite did not stop as it should:", err)
		}
		if !cleanLog(s) {
			t.Error("the suite's log")
		}
		if t.Failed() {
			keepLog(s)
		}
	})
	return s
}

func (r *rendering) suite(t *testing.T) *rig.Suite {
	t.Helper()
	s, err := r.start()
	if err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	return s
}

// eachRendering runs a test against every rendering.
func eachRendering(t *testing.T, test func(t *testing.T, s *rig.Suite)) {
	for _, r := range renderings {
		t.Run(r.name, func(t *testing.T) { test(t, r.suite(t)) })
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range started {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "FAIL: the suite did not stop as it should:", err)
			code = 1
		}
		if !cleanLog(s) {
			code = 1
		}
		if code != 0 {
			keepLog(s)
		}
	}
	os.Exit(code)
}

// cleanLog is BAD-197: after all of the tests, with the log at debug and every request
// of the processes traced, nothing of what clients and browsers sent or received that
// is a secret stands in the log or in a span.
// Nor does a crash, or the race detector's report of a part that is its own
// process.
func cleanLog(s *rig.Suite) bool {
	log := s.Log.Bytes()
	faults := append(s.Secrets.FoundIn(log), rig.Crashes(log)...)
	traces := s.Traces()
	faults = append(faults, s.Secrets.FoundIn(traces)...)
	if len(log) == 0 || s.Collector != nil && len(traces) == 0 {
		faults = append(faults, "it is empty: the tests look in the wrong place")
	}
	const most = 20
	for _, fault := range faults[:min(len(faults), most)] {
		fmt.Fprintf(os.Stderr, "FAIL: BAD-197 the log, or a span: %.400s\n", fault)
	}
	return len(faults) == 0
}

// keepLog saves the log of a suite whose tests failed.
func keepLog(s *rig.Suite) {
	file, err := os.CreateTemp("", "strongroom-e2e-*.log")
	if err != nil {
		return // the failure itself has been reported
	}
	defer file.Close()
	if _, err := file.Write(s.Log.Bytes()); err == nil {
		fmt.Fprintln(os.Stderr, "the suite's log:", file.Name())
	}
}
