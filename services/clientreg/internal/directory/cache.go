package directory

import (
	"container/list"
	"sync"
)

// cacheKey begins with the issuer: a client of one does not exist at another
// (BAD-38).
type cacheKey struct{ issuer, clientID string }

// cache holds the clients that were used last.
type cache struct {
	mu       sync.Mutex
	capacity int
	byKey    map[cacheKey]*list.Element
	byUse    *list.List // of *Client, the latest used first
}

func newCache(capacity int) *cache {
	return &cache{capacity: capacity, byKey: map[cacheKey]*list.Element{}, byUse: list.New()}
}

// get is the client, or nil.
func (c *cache) get(key cacheKey) *Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.byKey[key]
	if !ok {
		return nil
	}
	c.byUse.MoveToFront(element)
	return element.Value.(*Client)
}

// put keeps a client, and drops the one that was not used for longest.
func (c *cache) put(client *Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := client.key()
	if element, ok := c.byKey[key]; ok {
		element.Value = client
		c.byUse.MoveToFront(element)
		return
	}
	c.byKey[key] = c.byUse.PushFront(client)
	if c.byUse.Len() > c.capacity {
		dropped := c.byUse.Remove(c.byUse.Back()).(*Client)
		delete(c.byKey, dropped.key())
	}
}

func (c *Client) key() cacheKey { return cacheKey{c.Issuer, c.ID()} }
