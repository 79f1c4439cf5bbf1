package console

import (
	"sync"
	"time"

	"payrun/batch/inbox"
	"payrun/batch/service"
)

// Bounds of what is remembered of files that were read.
const (
	understoodMax = 64
	understoodFor = 10 * time.Minute
)

// understoodCache remembers what was understood of the files that were read last: a page that is
// shown again does not read a file of a million rows again. What a file comes to is always asked
// anew before it is submitted.
type understoodCache struct {
	mu  sync.Mutex
	all map[string]remembered
}

type remembered struct {
	of    inbox.Upload
	found service.Understood
	at    time.Time
}

func newUnderstoodCache() *understoodCache { return &understoodCache{all: map[string]remembered{}} }

// get returns what was understood of an upload with the same choices, not long ago.
func (c *understoodCache) get(up inbox.Upload, now time.Time) (service.Understood, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, has := c.all[up.ID]
	return one.found, has && one.of.Same(up) && now.Sub(one.at) < understoodFor
}

func (c *understoodCache) put(up inbox.Upload, found service.Understood, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, has := c.all[up.ID]; !has && len(c.all) >= understoodMax {
		oldest, at := "", now.Add(time.Second)
		for id, one := range c.all {
			if one.at.Before(at) {
				oldest, at = id, one.at
			}
		}
		delete(c.all, oldest)
	}
	c.all[up.ID] = remembered{up, found, now}
}

func (c *understoodCache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, id)
}
