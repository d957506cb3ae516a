// Package auditcmd is the commands that check an audit trail and take out of it
// what concerns a client or a grant, for every program that has them.
package auditcmd

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Program is a command line that has these commands.
type Program struct {
	// Name is what the user typed before the command, such as "sandbox audit".
	Name string
	// Folder adds the program's own flags and answers what tells, once they are
	// parsed, where the trail is.
	Folder func(*flag.FlagSet) (folder func() string)
	Out    io.Writer
}

// FolderFlag is for programs that know no folder by themselves.
func FolderFlag(flags *flag.FlagSet) func() string {
	folder := flags.String("folder", "audit", "`folder` with the files of the audit trail, as audit.folder of the services names it")
	return func() string { return *folder }
}

// Run runs `verify` or `export`.
func (p Program) Run(args []string) error {
	commands := map[string]func([]string) error{"verify": p.verify, "export": p.export}
	if len(args) > 0 && commands[args[0]] != nil {
		return commands[args[0]](args[1:])
	}
	p.usage()
	if len(args) == 0 {
		return errors.New("a command is required: verify or export")
	}
	if args[0] == "--help" || args[0] == "-help" || args[0] == "-h" {
		return flag.ErrHelp
	}
	return fmt.Errorf("there is no command %q", args[0])
}

func (p Program) usage() {
	fmt.Fprintf(p.Out, `%[1]s: the audit trail

Usage:
  %[1]s verify [flags]  tell of each chain whether it holds, and name the first line that breaks it
  %[1]s export [flags]  the events of a client, a grant or an interaction, one JSON object per line

Each command has --help.
`, p.Name)
}

// flags begins a command's flags, with the program's own.
func (p Program) flags(name, about string) (*flag.FlagSet, func() string) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(p.Out)
	flags.Usage = func() {
		fmt.Fprintf(p.Out, "%s %s: %s\n\n", p.Name, name, about)
		flags.PrintDefaults()
	}
	return flags, p.Folder(flags)
}

func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: see --help", flags.Arg(0))
	}
	return nil
}
