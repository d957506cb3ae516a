// Package lru keeps in memory what was used last, within bounds.
package lru

import (
	"container/list"
	"sync"
)

// Cache holds at most a number of values, and at most a weight of them together.
type Cache[K comparable, V any] struct {
	mu       sync.Mutex
	capacity int
	heaviest int
	weight   int
	byKey    map[K]*list.Element
	byUse    *list.List // of *entry[K, V], the latest used first
}

type entry[K comparable, V any] struct {
	key    K
	value  V
	weight int
}

// New makes a cache of at most capacity values that together weigh at most
// heaviest, in bytes or whatever [Cache.Put] counts.
func New[K comparable, V any](capacity, heaviest int) *Cache[K, V] {
	return &Cache[K, V]{capacity: capacity, heaviest: heaviest, byKey: map[K]*list.Element{}, byUse: list.New()}
}

// Get answers a value and counts as a use of it.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.byKey[key]
	if !ok {
		return value, false
	}
	c.byUse.MoveToFront(element)
	return element.Value.(*entry[K, V]).value, true
}

// Put keeps a value, in place of an older one, and drops what was not used for
// longest. A value that alone is too heavy is not kept.
func (c *Cache[K, V]) Put(key K, value V, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.byKey[key]; ok {
		c.drop(element)
	}
	if weight > c.heaviest {
		return
	}
	c.byKey[key] = c.byUse.PushFront(&entry[K, V]{key, value, weight})
	c.weight += weight
	for c.byUse.Len() > c.capacity || c.weight > c.heaviest {
		c.drop(c.byUse.Back())
	}
}

// Remove forgets a value.
func (c *Cache[K, V]) Remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.byKey[key]; ok {
		c.drop(element)
	}
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byKey)
	c.byUse.Init()
	c.weight = 0
}

func (c *Cache[K, V]) drop(element *list.Element) {
	dropped := c.byUse.Remove(element).(*entry[K, V])
	c.weight -= dropped.weight
	delete(c.byKey, dropped.key)
}
