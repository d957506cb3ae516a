package lru

import (
	"slices"
	"testing"
)

func TestCache(t *testing.T) {
	tests := []struct {
		name               string
		capacity, heaviest int
		use                func(c *Cache[string, int])
		want               []string // the keys that stay
	}{
		{"what was not used for longest goes first", 3, 100, func(c *Cache[string, int]) {
			put(c, "a", "b", "c")
			c.Get("a")
			put(c, "d")
		}, []string{"a", "c", "d"}},
		{"put again counts as a use, and once", 3, 100, func(c *Cache[string, int]) {
			put(c, "a", "b", "c", "a", "d")
		}, []string{"a", "c", "d"}},
		{"the heavy one makes room for itself", 10, 100, func(c *Cache[string, int]) {
			put(c, "a", "b", "c")
			c.Put("heavy", 0, 80)
		}, []string{"b", "c", "heavy"}},
		{"the too heavy one takes no room", 10, 100, func(c *Cache[string, int]) {
			put(c, "a", "b")
			c.Put("heavy", 0, 101)
		}, []string{"a", "b"}},
		{"an old value goes, where the new one is too heavy", 10, 100, func(c *Cache[string, int]) {
			put(c, "a", "b")
			c.Put("a", 0, 101)
		}, []string{"b"}},
		{"what is removed frees its weight", 10, 100, func(c *Cache[string, int]) {
			c.Put("heavy", 0, 100)
			c.Remove("heavy")
			c.Remove("unknown")
			put(c, "a", "b")
		}, []string{"a", "b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := New[string, int](test.capacity, test.heaviest)
			test.use(c)
			var kept []string
			for _, key := range []string{"a", "b", "c", "d", "heavy"} {
				if _, ok := c.Get(key); ok {
					kept = append(kept, key)
				}
			}
			if !slices.Equal(kept, test.want) || len(c.byKey) != c.byUse.Len() {
				t.Errorf("kept are %v", kept)
			}
		})
	}
	t.Run("the newer value is answered", func(t *testing.T) {
		c := New[string, int](1, 100)
		c.Put("a", 1, 10)
		c.Put("a", 2, 10)
		if got, _ := c.Get("a"); got != 2 {
			t.Errorf("answered %d", got)
		}
	})
}

// put keeps keys with a weight of 10 each.
func put(c *Cache[string, int], keys ...string) {
	for n, key := range keys {
		c.Put(key, n, 10)
	}
}
