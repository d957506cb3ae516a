package ctl

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// plain makes text fit for a terminal: what clients and directories write may hold
// control characters, or turn the direction of text.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || unicode.IsPrint(c) { // what turns the direction is not
			return c
		}
		return '\uFFFD'
	}, text)
}

// json prints an answer as the REST face would.
func (c *call) printJSON(answer proto.Message) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true, Multiline: true}.Marshal(answer)
	if err == nil {
		_, err = fmt.Fprintf(c.Out, "%s\n", text)
	}
	return err
}

// table prints rows under a head.
func (c *call) table(head string, rows [][]string) {
	w := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(head, " ", "\t"))
	for _, row := range rows {
		for n := range row {
			row[n] = strings.ReplaceAll(plain(dash(row[n])), "\n", " ")
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush()
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// lines prints pairs of a name and a value; empty values are left out.
func lines(out io.Writer, pairs ...string) {
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			fmt.Fprintf(out, "%-26s %s\n", pairs[n], plain(pairs[n+1]))
		}
	}
}

// stands is how a client stands, in a word or two.
func stands(client *adminv1.Client) string {
	switch {
	case client.GetSuspended() && client.GetWithdrawn():
		return "suspended, and by its framework"
	case client.GetSuspended():
		return "suspended"
	case client.GetWithdrawn():
		return "suspended by its framework"
	}
	return "serving"
}

// rule prints what a rule asks for, and where it is written.
func (c *call) rule(rule *adminv1.Rule) {
	for _, s := range rule.GetSentences() {
		fmt.Fprintf(c.Out, "      %s: %s (%s)\n", plain(rule.GetId()), plain(s.GetText()), plain(s.GetSource()))
	}
	if rule != nil && len(rule.GetSentences()) == 0 {
		fmt.Fprintf(c.Out, "      %s\n", plain(rule.GetId()))
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
