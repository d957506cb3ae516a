package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// inOneLine tells the faults that YAML finds, which it writes on a line each, in the
// words of who wrote the file: the member, and what was expected.
func inOneLine(err error, text []byte) error {
	var faults *yaml.TypeError
	if !errors.As(err, &faults) {
		return err
	}
	lines, told := strings.Split(string(text), "\n"), make([]string, len(faults.Errors))
	for n, fault := range faults.Errors {
		told[n] = inWords(fault, lines)
	}
	return errors.New(strings.Join(told, "; "))
}

var (
	unknownMember = regexp.MustCompile(`^line (\d+): field (\S+) not found in type`)
	noSecret      = regexp.MustCompile(`^line (\d+): cannot read secret: (.+)$`)
	wrongKind     = regexp.MustCompile(`(?s)^line (\d+): cannot unmarshal (!!\w+) ?(.*?) ?into (.+)$`)
)

// kinds are what is expected, by the type that takes it.
var kinds = map[string]string{
	"time.Duration": "a duration such as 30s or 10m",
	"bool":          "true or false",
	"int":           "a whole number",
	"int64":         "a whole number",
	"float64":       "a number",
	"string":        "a text",
	"[]string":      "a list of texts",
}

// shapes are what stands there instead, where it is no single value.
var shapes = map[string]string{"!!seq": "a list", "!!map": "a section"}

func inWords(fault string, lines []string) string {
	if found := unknownMember.FindStringSubmatch(fault); found != nil {
		return fmt.Sprintf("line %s: there is no member %s; docs/configuration.md lists them", found[1], found[2])
	}
	if found := noSecret.FindStringSubmatch(fault); found != nil {
		return fmt.Sprintf("line %s: %s must be a secret, or file:PATH of one: %s", found[1], member(found[1], lines), found[2])
	}
	found := wrongKind.FindStringSubmatch(fault)
	if found == nil {
		return fault
	}
	expected, ok := kinds[found[4]]
	if !ok { // the type's name tells a reader of the file nothing
		expected = "what docs/configuration.md says"
	}
	return fmt.Sprintf("line %s: %s must be %s, not %s", found[1], member(found[1], lines), expected, cmp.Or(found[3], shapes[found[2]]))
}

// oneMember is a line on which a member begins, and no other one.
var oneMember = regexp.MustCompile(`^[ -]*(\w+):(?:\s+[^{\s].*)?\s*$`)

// member is the one that stands on a line; where it may be one of several, none is named.
func member(line string, lines []string) string {
	if n, err := strconv.Atoi(line); err == nil && 1 <= n && n <= len(lines) {
		if found := oneMember.FindStringSubmatch(lines[n-1]); found != nil {
			return found[1]
		}
	}
	return "a member"
}
