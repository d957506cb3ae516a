package oauth

import (
	"slices"
	"strings"
	"testing"
)

func TestParseScope(t *testing.T) {
	for _, row := range []struct {
		name  string
		scope string
		want  []string
		ok    bool
	}{
		{"one value", "openid", []string{"openid"}, true},
		{"order is kept", "payments accounts", []string{"payments", "accounts"}, true},
		{"a repeated value counts once (WIRE-8)", "a b a", []string{"a", "b"}, true},
		{"every character of a scope-token", "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~", []string{"!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~"}, true},
		{"values differ by case", "A a", []string{"A", "a"}, true},
		{"as long as may be", strings.Repeat("a", maxScope), []string{strings.Repeat("a", maxScope)}, true},

		{"empty (BAD-61)", "", nil, false},
		{"a blank", " ", nil, false},
		{"a blank before", " a", nil, false},
		{"a blank behind", "a ", nil, false},
		{"two blanks", "a  b", nil, false},
		{"a tab", "a\tb", nil, false},
		{"a quote (BAD-61)", `a"b`, nil, false},
		{"a backslash (BAD-61)", `a\b`, nil, false},
		{"a carriage return (BAD-61)", "a\rb", nil, false},
		{"NUL", "a\x00", nil, false},
		{"DEL", "a\x7f", nil, false},
		{"not ASCII", "k\u00f6nto", nil, false},
		{"10 kB (BAD-61)", strings.Repeat("a ", 5000) + "a", nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := ParseScope(row.scope)
			if ok != row.ok || !slices.Equal(got, row.want) {
				t.Errorf("got %q, %t", got, ok)
			}
		})
	}
}

func TestSubset(t *testing.T) {
	for _, row := range []struct {
		name        string
		part, whole []string
		want        bool
	}{
		{"nothing of nothing", nil, nil, true},
		{"nothing of something", nil, []string{"a"}, true},
		{"something of nothing", []string{"a"}, nil, false},
		{"all, in another order", []string{"b", "a"}, []string{"a", "b"}, true},
		{"one more", []string{"a", "c"}, []string{"a", "b"}, false},
		{"by case", []string{"A"}, []string{"a"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Subset(row.part, row.whole); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
