package auditcmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/audit"
)

var errBroken = errors.New("the audit trail does not hold")

// head is a line of a chain that somebody has seen.
type head struct {
	seq  uint64
	hash string
}

// verify tells of each chain whether it holds.
func (p Program) verify(args []string) error {
	flags, folder := p.flags("verify", "tell of each chain whether it holds, and name the first line that breaks it")
	heads := map[string]head{}
	flags.Func("head", "`CHAIN:SEQ:HASH` as the log of a service told it: finds out a chain that was cut off or written anew; repeatable", func(text string) error {
		return addHead(heads, text)
	})
	if err := parse(flags, args); err != nil {
		return err
	}
	chains, err := audit.Chains(folder())
	if err != nil {
		return err
	}
	if len(chains) == 0 {
		return fmt.Errorf("there is no audit trail in %s", folder())
	}
	holds := true
	for _, chain := range chains {
		fault, err := p.verifyChain(chain, heads)
		if err != nil {
			return err
		}
		holds = holds && fault == ""
		delete(heads, chain.String())
	}
	for name := range heads {
		fmt.Fprintf(p.Out, "%s  BROKEN: it has no files, and there was a head of it\n", name)
		holds = false
	}
	if !holds {
		return errBroken
	}
	return nil
}

// verifyChain prints one chain, and answers why it does not hold.
func (p Program) verifyChain(chain audit.Chain, heads map[string]head) (fault string, err error) {
	expected, told := heads[chain.String()]
	seen := !told
	r, err := audit.Walk(chain, func(l audit.Line, _ []byte) {
		seen = seen || l.Seq == expected.seq && l.Hash == expected.hash
	})
	if err != nil {
		return "", err
	}
	switch {
	case r.Broken != nil:
		fault = r.Broken.Error()
	case !seen:
		fault = fmt.Sprintf("line %d with the hash %s is not there: it was cut off or written anew", expected.seq, expected.hash)
	}
	state := "holds"
	if fault != "" {
		state = "BROKEN: " + fault
	}
	fmt.Fprintf(p.Out, "%s  %s\n  lines %d to %d in %d files, %s to %s, head %s\n", chain, state,
		r.First, r.Head, r.Files, r.From.Format(time.RFC3339), r.Until.Format(time.RFC3339), r.HeadHash)
	if r.First > 1 {
		fmt.Fprintf(p.Out, "  what came before line %d is not here\n", r.First)
	}
	for _, at := range r.Torn {
		fmt.Fprintf(p.Out, "  %s was not finished, because the process or the machine stopped; the line behind it tells so\n", at)
	}
	if r.Unfinished > 0 {
		fmt.Fprintf(p.Out, "  %d bytes behind the last line are not finished: a process writes, or was killed and has not been back\n", r.Unfinished)
	}
	return fault, nil
}

func addHead(heads map[string]head, text string) error {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return errors.New("must be CHAIN:SEQ:HASH")
	}
	seq, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return errors.New("must be CHAIN:SEQ:HASH with a number in the middle")
	}
	heads[parts[0]] = head{seq, parts[2]}
	return nil
}
