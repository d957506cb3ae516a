package once_test

import (
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestModelSeesTwice: the check that nothing is spent twice can fail.
func TestModelSeesTwice(t *testing.T) {
	twice := []porcupine.Operation{
		{ClientId: 0, Input: once.Call{Key: "k", Attempt: "a"}, Call: 1, Output: once.Outcome{Used: true}, Return: 2},
		{ClientId: 1, Input: once.Call{Key: "k", Attempt: "b"}, Call: 3, Output: once.Outcome{Used: true}, Return: 4},
	}
	if once.Linearizable(twice) {
		t.Error("two attempts were let through")
	}
}
