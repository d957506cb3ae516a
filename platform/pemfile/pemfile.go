// Package pemfile keeps what PEM files hold, certificates with their keys and
// authorities, and reads them again when they change: a rotation needs no restart.
package pemfile

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// Content is what the files held when they were last good, all of them.
type Content struct {
	// Certificates are what this process proves itself by.
	Certificates []tls.Certificate
	// Roots are the authorities that it trusts; nil where it was told of none.
	Roots *x509.CertPool
}

// Source is the files with their content.
type Source struct {
	paths   []string
	load    func() (*Content, error)
	log     *slog.Logger
	current atomic.Pointer[Content]

	// reading is held by whoever compares and reads; others go on with what is
	// there.
	reading sync.Mutex
	good    string // what the files looked like when current was read
	bad     string // what they looked like when reading last failed
}

// Open reads the files by load, and fails where that does.
func Open(log *slog.Logger, load func() (*Content, error), paths ...string) (*Source, error) {
	s := &Source{paths: paths, load: load, log: log, good: appearance(paths)}
	content, err := load()
	if err != nil {
		return nil, err
	}
	s.current.Store(content)
	return s, nil
}

// Current is the newest good content. It looks at the files first: a few
// microseconds, at a handshake that takes hundreds. Files that are half written,
// or wrong, leave what was good in its place, with one line in the log.
func (s *Source) Current() *Content {
	if s.reading.TryLock() {
		s.refresh()
		s.reading.Unlock()
	}
	return s.current.Load()
}

func (s *Source) refresh() {
	seen := appearance(s.paths)
	if seen == s.good || seen == s.bad {
		return
	}
	content, err := s.load()
	if err != nil {
		s.bad = seen
		s.log.Error("changed certificates are not used; the last good ones stay", "files", s.paths, "cause", err)
		return
	}
	s.current.Store(content)
	s.good, s.bad = seen, ""
	s.log.Info("certificates read again", "files", s.paths)
}

// appearance is what changes when a file does, or when a symbolic link is turned
// to another: time and size.
func appearance(paths []string) string {
	var b strings.Builder
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintf(&b, "%v;", err)
			continue
		}
		fmt.Fprintf(&b, "%d %d;", info.ModTime().UnixNano(), info.Size())
	}
	return b.String()
}

// ReadPool reads a file of PEM certificates.
func ReadPool(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New(file + " holds no PEM certificate")
	}
	return pool, nil
}

// ReadCertificates reads the certificates of a file of PEM, of which there is at
// least one.
func ReadCertificates(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue // as ReadPool does
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: certificate %d: %w", file, len(found), err)
		}
		found = append(found, certificate)
	}
	if len(found) == 0 {
		return nil, errors.New(file + " holds no PEM certificate")
	}
	return found, nil
}
