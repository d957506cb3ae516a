// Package secret is read by the tests of configref, never compiled.
package secret

// Text hides itself.
type Text struct{ Value string }

// UnmarshalYAML reads it.
func (t *Text) UnmarshalYAML(any) error { return nil }
