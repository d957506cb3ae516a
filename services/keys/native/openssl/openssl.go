// Package openssl signs by RSA with the system's libcrypto, which is about twice as
// fast at it as Go's own. The key is still a software key, wrapped and unwrapped by
// backend/software; only the arithmetic is another's. OpenSSL blinds and checks its
// result by default, and nothing here turns that off.
//
// The library is loaded when it is asked for (dlopen), so that building needs none of
// its headers and no other program depends on it.
package openssl

/*
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "libcrypto.h"
*/
import "C"

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"unsafe"
)

// names are those of OpenSSL 3, whose interface is stable.
var names = []string{"libcrypto.so.3", "libcrypto.3.dylib"}

// load loads libcrypto once.
var load = sync.OnceValue(func() error {
	for _, name := range names {
		text := C.CString(name)
		missing := C.strongroom_load(text)
		C.free(unsafe.Pointer(text))
		if missing == nil {
			return nil
		}
		if C.GoString(missing) != "" {
			return fmt.Errorf("openssl: %s has no %s: it is not OpenSSL 3", name, C.GoString(missing))
		}
	}
	return fmt.Errorf("openssl: none of %q can be loaded: install OpenSSL 3 (Debian: apt-get install libssl3), or leave openssl out of the configuration", names)
})

// Version is what the library calls itself.
func Version() (string, error) {
	err := load()
	if err != nil {
		return "", err
	}
	return C.GoString(C.strongroom_version()), nil
}

// key is an RSA key in libcrypto's memory.
type key struct {
	private unsafe.Pointer
	public  *rsa.PublicKey
}

// RSA answers a signer by PS256 for a key. It may be used by many goroutines at once.
func RSA(private *rsa.PrivateKey) (crypto.Signer, error) {
	err := load()
	if err != nil {
		return nil, err
	}
	der := x509.MarshalPKCS1PrivateKey(private)
	defer clear(der)
	loaded := C.strongroom_key((*C.uchar)(unsafe.Pointer(&der[0])), C.long(len(der)))
	if loaded == nil {
		return nil, errors.New("openssl: libcrypto refuses the key")
	}
	k := &key{private: loaded, public: &private.PublicKey}
	runtime.AddCleanup(k, func(loaded unsafe.Pointer) { C.strongroom_free(loaded) }, loaded)
	return k, nil
}

// Public is the public half.
func (k *key) Public() crypto.PublicKey { return k.public }

// Sign is RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 7518 §3.5), and nothing
// else.
func (k *key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	pss, ok := opts.(*rsa.PSSOptions)
	if !ok || opts.HashFunc() != crypto.SHA256 || len(digest) != sha256.Size ||
		pss.SaltLength != rsa.PSSSaltLengthEqualsHash && pss.SaltLength != sha256.Size {
		return nil, errors.New("openssl: the key signs by PS256 alone")
	}
	signature := make([]byte, k.public.Size())
	length := C.size_t(len(signature))
	ok = C.strongroom_sign(k.private, (*C.uchar)(unsafe.Pointer(&digest[0])), C.size_t(len(digest)),
		(*C.uchar)(unsafe.Pointer(&signature[0])), &length) == 1
	runtime.KeepAlive(k)
	if !ok || int(length) != len(signature) {
		return nil, errors.New("openssl: libcrypto did not sign")
	}
	return signature, nil
}
