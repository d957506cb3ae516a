package oauth

import (
	"slices"
	"strings"
)

// maxScope bounds a scope parameter, in bytes.
const maxScope = 2048

// ParseScope takes a scope parameter apart: scope-token of RFC 6749 §3.3,
// separated by single spaces. Repeated values count once; order is kept but
// means nothing (WIRE-8). It tells false where the text is not a scope.
func ParseScope(scope string) ([]string, bool) {
	if scope == "" || len(scope) > maxScope {
		return nil, false
	}
	var values []string
	for value := range strings.SplitSeq(scope, " ") {
		if !validScopeToken(value) {
			return nil, false
		}
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values, true
}

func validScopeToken(value string) bool {
	for i := range len(value) {
		if c := value[i]; c <= 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return value != ""
}

// Subset tells whether every value of part is in whole.
func Subset(part, whole []string) bool {
	for _, value := range part {
		if !slices.Contains(whole, value) {
			return false
		}
	}
	return true
}
