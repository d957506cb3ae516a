package metadata

import (
	"reflect"
	"strings"
	"sync"
)

// members are read once: the struct tells them.
var members = sync.OnceValue(func() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Client]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
})

// Members are the names of all members of [Client]. The list must not be written
// to.
func Members() []string { return members() }
