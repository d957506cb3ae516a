package directory

import (
	"strconv"
	"testing"

	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

func TestCacheDropsWhatWasNotUsedForLongest(t *testing.T) {
	c := newCache(3)
	put := func(issuer, id string) *Client {
		client := &Client{Issuer: issuer, Public: &clientregv1.Client{ClientId: id}}
		c.put(client)
		return client
	}
	for n := range 3 {
		put("a", strconv.Itoa(n))
	}
	newer := put("a", "1") // again
	c.get(cacheKey{"a", "0"})
	put("b", "0") // drops a/2
	for key, want := range map[cacheKey]bool{{"a", "0"}: true, {"a", "1"}: true, {"a", "2"}: false, {"b", "0"}: true, {"b", "1"}: false} {
		if got := c.get(key); (got != nil) != want {
			t.Errorf("%v: %v", key, got)
		}
	}
	if c.get(cacheKey{"a", "1"}) != newer {
		t.Error("an older client was answered")
	}
	if len(c.byKey) != 3 || c.byUse.Len() != 3 {
		t.Errorf("%d keys, %d in the list", len(c.byKey), c.byUse.Len())
	}
}
