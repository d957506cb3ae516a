// Package ctl is the command line of strongroomctl, over the admin API
// (docs/operators.md).
package ctl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/process"
)

// Program is the tool with what surrounds it.
type Program struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
}

const usage = `strongroomctl: looks at clients and trust frameworks, and finds out why something was refused

Usage: strongroomctl [flags] COMMAND [flags] [arguments]

  issuers                      the issuers that you may act for
  frameworks                   the trust frameworks of an issuer
  clients                      its clients; --framework, --participant, --suspended, --serving, --limit
  show CLIENT_ID               one client with its metadata
  register FILE                make a client from RFC 7591 metadata, JSON or a JWT; --certificate
  suspend CLIENT_ID            keep a client from being used, from its next use on
  resume CLIENT_ID             end that
  delete CLIENT_ID --yes       end a client and all that it holds; it cannot be undone
  explain FILE                 everything that is wrong with a request to register; nothing is registered
  explain INTERACTION_ID       what was refused under an x-fapi-interaction-id, and by which rule
  check issuer                 is there what an issuer relies on: authorities, directories, their keys
  check framework NAME         the same for one trust framework
  check metadata FILE          as explain FILE; without a server by --issuer-file, as far as that goes
  check certificate FILE       what a certificate says, and who trusts it; without a server what it says
  check proxy-header FILE      whose certificate a request has that a proxy forwarded; needs no server

FILE may be -, standing for standard input. Each command has --help.

Server and credentials: --server, --cert, --key and --ca, or STRONGROOM_ADMIN_SERVER,
STRONGROOM_ADMIN_CERT, STRONGROOM_ADMIN_KEY and STRONGROOM_ADMIN_CA, or --dir (STRONGROOM_DIR)
with the folder of a sandbox and --as admin or reader. Where there are several issuers, --issuer
(STRONGROOM_ISSUER) names one.

Exit status: 0 it is done, or nothing is wrong; 1 something is wrong with what was checked, or
nothing was found to explain; 2 the command line or a file is; 3 the server refused; 4 the server
cannot be reached, or cannot answer at the moment.

`

// Exit statuses.
const (
	exitFine = iota
	exitWrong
	exitUsage
	exitRefused
	exitUnreachable
)

// errWrong ends a check that found something, which is printed already.
var errWrong = errors.New("something is wrong with what was checked")

// command is one line of the table.
type command struct {
	// arguments are as the help names them.
	arguments []string
	about     string
	// flags adds the command's own; nil for none.
	flags func(*call, *flag.FlagSet)
	run   func(context.Context, *call) error
}

var commands = map[string]command{
	"issuers":    {about: "the issuers that you may act for", run: issuers},
	"frameworks": {about: "the trust frameworks of an issuer", run: frameworks},
	"clients":    {about: "the clients of an issuer", flags: clientFlags, run: clients},
	"show":       {arguments: []string{"CLIENT_ID"}, about: "one client with its metadata", run: show},
	"register":   {arguments: []string{"FILE"}, about: "make a client; the registration access token is shown once", flags: certificateFlag, run: register},
	"suspend":    {arguments: []string{"CLIENT_ID"}, about: "keep a client from being used, from its next use on", run: suspend},
	"resume":     {arguments: []string{"CLIENT_ID"}, about: "end what suspend began; what a trust framework suspended stays so", run: resume},
	"delete":     {arguments: []string{"CLIENT_ID"}, about: "end a client and all that it holds", flags: yesFlag, run: remove},
	"explain":    {arguments: []string{"FILE|INTERACTION_ID"}, about: "why a request to register is refused, or what was refused in an interaction", flags: certificateFlag, run: explain},

	"check issuer":       {about: "is there what an issuer relies on", run: checkIssuer},
	"check framework":    {arguments: []string{"NAME"}, about: "is there what a trust framework relies on", run: checkFramework},
	"check metadata":     {arguments: []string{"FILE"}, about: "what is wrong with client metadata", flags: metadataFlags, run: checkMetadata},
	"check certificate":  {arguments: []string{"FILE"}, about: "what a PEM certificate says, and who trusts it", flags: localFlag, run: checkCertificate},
	"check proxy-header": {arguments: []string{"FILE"}, about: "whose certificate a request has: FILE holds its header, lines of \"Name: value\"", flags: proxyFlags, run: checkProxyHeader},
}

// Run runs one command line and answers the exit status.
func (p Program) Run(ctx context.Context, args []string) int {
	err := p.run(ctx, args)
	code := status(err)
	if err != nil && !errors.Is(err, flag.ErrHelp) && !errors.Is(err, errWrong) {
		fmt.Fprintln(p.Err, "strongroomctl:", plain(message(err)))
	}
	return code
}

func (p Program) run(ctx context.Context, args []string) error {
	c := &call{Program: p}
	flags := flag.NewFlagSet("strongroomctl", flag.ContinueOnError)
	flags.SetOutput(p.Err)
	flags.Usage = func() {
		fmt.Fprint(p.Err, usage)
		flags.PrintDefaults()
	}
	c.globalFlags(flags)
	version := flags.Bool("version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return usageFault(err)
	}
	if *version {
		fmt.Fprintln(p.Out, "strongroomctl", process.Version())
		return nil
	}
	name, rest := named(flags.Args())
	chosen, ok := commands[name]
	if !ok {
		flags.Usage()
		if name == "" {
			return usageFault(errors.New("a command is required"))
		}
		return usageFault(fmt.Errorf("there is no command %q", name))
	}
	if err := c.parse(name, chosen, rest); err != nil {
		return err
	}
	defer c.close()
	return chosen.run(ctx, c)
}

// named takes the command, of one word or of two, from the arguments.
func named(args []string) (name string, rest []string) {
	switch {
	case len(args) == 0:
		return "", nil
	case args[0] == "check" && len(args) > 1:
		return args[0] + " " + args[1], args[2:]
	}
	return args[0], args[1:]
}

// parse reads a command's flags, before and behind its arguments.
func (c *call) parse(name string, chosen command, args []string) error {
	flags := flag.NewFlagSet("strongroomctl "+name, flag.ContinueOnError)
	flags.SetOutput(c.Err)
	flags.Usage = func() {
		fmt.Fprintf(c.Err, "strongroomctl %s %s: %s\n\n", name, strings.Join(chosen.arguments, " "), chosen.about)
		flags.PrintDefaults()
	}
	c.globalFlags(flags)
	if chosen.flags != nil {
		chosen.flags(c, flags)
	}
	for {
		if err := flags.Parse(args); err != nil {
			return usageFault(err)
		}
		if flags.NArg() == 0 {
			break
		}
		c.arguments, args = append(c.arguments, flags.Arg(0)), flags.Args()[1:]
	}
	if len(c.arguments) != len(chosen.arguments) {
		return usageFault(fmt.Errorf("%s takes %s; see strongroomctl %s --help", name, orNothing(chosen.arguments), name))
	}
	return nil
}

func orNothing(arguments []string) string {
	if len(arguments) == 0 {
		return "no argument"
	}
	return "one argument, " + arguments[0]
}
