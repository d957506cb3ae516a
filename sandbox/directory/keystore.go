package directory

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// suffix ends the file of every key set; a set being written has another.
const (
	suffix  = ".jwks.json"
	written = ".new"
)

var errFull = errors.New("directory: full")

// keyStore keeps key sets as files, one for each name. The folder is the only
// state: a second start finds what the first left.
type keyStore struct {
	root *os.Root // no name leads out of it

	mu    sync.Mutex // one writer at a time
	limit int
	count int
}

func openKeyStore(dir string, limit int) (*keyStore, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	store := &keyStore{root: root, limit: limit}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			store.count++
		}
	}
	return store, nil
}

// get answers an error that wraps fs.ErrNotExist for a name without a set.
func (s *keyStore) get(name string) ([]byte, error) { return s.root.ReadFile(name + suffix) }

// put keeps a set wholly or not at all, and tells whether the name is new.
func (s *keyStore) put(name string, set []byte) (created bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.root.Stat(name + suffix)
	created = errors.Is(err, fs.ErrNotExist)
	if err != nil && !created {
		return false, err
	}
	if created && s.count >= s.limit {
		return false, errFull
	}
	if err := s.root.WriteFile(name+written, set, 0o600); err != nil {
		return false, err
	}
	if err := s.root.Rename(name+written, name+suffix); err != nil {
		return false, err
	}
	if created {
		s.count++
	}
	return created, nil
}
