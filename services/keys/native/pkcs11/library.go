package pkcs11

import (
	"errors"
	"fmt"
	"sync"

	"github.com/miekg/pkcs11"
)

// library is one loaded PKCS #11 library. Its state is that of the whole process, so
// there is one for each path: it is set up anew only while nobody is inside.
type library struct {
	inside sync.RWMutex
	ctx    *pkcs11.Ctx
}

var (
	loading   sync.Mutex
	libraries = map[string]*library{}
)

// load loads a library once.
func load(path string) (*library, error) {
	loading.Lock()
	defer loading.Unlock()
	if known := libraries[path]; known != nil {
		return known, nil
	}
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, fmt.Errorf("pkcs11.module: %s cannot be loaded: is the path right, and is the device's software installed?", path)
	}
	libraries[path] = &library{ctx: ctx}
	return libraries[path], nil
}

// initialize makes the library ready; it is no error if it is already.
func (l *library) initialize() error {
	if err := l.ctx.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return fmt.Errorf("initialize the PKCS #11 library: %w", err)
	}
	return nil
}

// is tells whether an error is one of these return values.
func is(err error, values ...uint) bool {
	var code pkcs11.Error
	if !errors.As(err, &code) {
		return false
	}
	for _, value := range values {
		if uint(code) == value {
			return true
		}
	}
	return false
}
