package pkcs11

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/miekg/pkcs11"
)

const (
	// patience is how long an operation waits for a session.
	patience = 2 * time.Second
	// connectAgain is the pause after a device could not be reached, so that
	// those who wait for it do not all try.
	connectAgain = 500 * time.Millisecond
)

// device is a token that may be gone and come back. It connects when it is needed,
// and again when the connection is lost.
type device struct {
	cfg     Config
	library *library

	mu      sync.Mutex
	current *connection
	failed  time.Time
	failure error
	// barred is why nobody tries any more: another wrong PIN could lock the token.
	barred error
}

// connection is a login with its sessions. What it knows ends with it.
type connection struct {
	slot     uint
	sessions chan pkcs11.SessionHandle
	all      []pkcs11.SessionHandle
	objects  sync.Map // object -> pkcs11.ObjectHandle
}

// do works with a session. Where the connection is lost it connects again and tries
// once more; work must therefore bear to be done twice.
func (d *device) do(work func(c *connection, s pkcs11.SessionHandle) error) error {
	for attempt := 0; ; attempt++ {
		c, err := d.connected()
		if err != nil {
			return err
		}
		err = d.within(c, work)
		if err == nil || !lost(err) {
			return err
		}
		d.drop(c, err)
		if attempt > 0 {
			return err
		}
	}
}

// within takes a session for the work and gives it back.
func (d *device) within(c *connection, work func(c *connection, s pkcs11.SessionHandle) error) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s := <-c.sessions:
		defer func() { c.sessions <- s }()
		d.library.inside.RLock()
		defer d.library.inside.RUnlock()
		return work(c, s)
	case <-timer.C:
		return errors.New("every session of the token is busy: raise pkcs11.sessions, or lighten the load")
	}
}

// connected is the connection, made anew where there is none.
func (d *device) connected() (*connection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.barred != nil:
		return nil, d.barred
	case d.current != nil:
		return d.current, nil
	case time.Since(d.failed) < connectAgain:
		return nil, d.failure
	}
	c, err := d.connect()
	if err != nil {
		d.failed, d.failure = time.Now(), err
		if is(err, pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_EXPIRED) {
			d.barred = err
		}
		return nil, err
	}
	d.current = c
	return c, nil
}

// drop gives up a connection. Where the device itself is gone the library is shut
// down, for many libraries look for tokens only when they start.
func (d *device) drop(c *connection, why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current != c {
		return // another has done it
	}
	d.current = nil
	d.library.inside.Lock()
	defer d.library.inside.Unlock()
	for _, s := range c.all {
		_ = d.library.ctx.CloseSession(s) // it may be closed already
	}
	if !is(why, pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED, pkcs11.CKR_USER_NOT_LOGGED_IN) {
		_ = d.library.ctx.Finalize() // a lost device may not answer
	}
}

func (d *device) connect() (*connection, error) {
	d.library.inside.Lock()
	defer d.library.inside.Unlock()
	if err := d.library.initialize(); err != nil {
		return nil, err
	}
	slot, err := d.slot()
	if err != nil {
		// A token that came back is seen by a library that starts anew.
		_ = d.library.ctx.Finalize()
		if err := d.library.initialize(); err != nil {
			return nil, err
		}
		if slot, err = d.slot(); err != nil {
			return nil, err
		}
	}
	c := &connection{slot: slot, sessions: make(chan pkcs11.SessionHandle, d.cfg.Sessions)}
	for range d.cfg.Sessions {
		s, err := d.library.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return nil, fmt.Errorf("open a session with token %q: %w", d.cfg.Token, err)
		}
		c.all = append(c.all, s)
		c.sessions <- s
	}
	if err := d.library.ctx.Login(c.all[0], pkcs11.CKU_USER, d.cfg.PIN.Reveal()); err != nil && !is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN) {
		return nil, d.explainLogin(err)
	}
	return c, nil
}

// slot finds the token by its label.
func (d *device) slot() (uint, error) {
	slots, err := d.library.ctx.GetSlotList(true)
	if err != nil {
		return 0, fmt.Errorf("list the tokens: %w", err)
	}
	var labels []string
	for _, slot := range slots {
		info, err := d.library.ctx.GetTokenInfo(slot)
		if err != nil {
			continue // a token that does not answer is not the one
		}
		if label := strings.TrimRight(info.Label, " \x00"); label == d.cfg.Token {
			return slot, nil
		} else if label != "" {
			labels = append(labels, label)
		}
	}
	return 0, fmt.Errorf("pkcs11.token: no token is labelled %q; there are %q: is the device plugged in, and the token initialized?", d.cfg.Token, labels)
}

func (d *device) explainLogin(err error) error {
	advice := "see the device's manual"
	switch {
	case is(err, pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE):
		advice = "pkcs11.pin is wrong; this process does not try it again, for tokens lock after a few wrong ones: correct it and start again"
	case is(err, pkcs11.CKR_PIN_LOCKED):
		advice = "the token is locked after wrong PINs: its security officer unlocks it with the device's own tool"
	case is(err, pkcs11.CKR_PIN_EXPIRED):
		advice = "the PIN has expired: set a new one with the device's own tool"
	case is(err, pkcs11.CKR_USER_PIN_NOT_INITIALIZED):
		advice = "the token has no user PIN yet: its security officer sets one"
	}
	return fmt.Errorf("log in to token %q: %s: %w", d.cfg.Token, advice, err)
}

// lost tells errors that a new connection may cure.
func lost(err error) bool {
	return is(err,
		pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED,
		pkcs11.CKR_DEVICE_ERROR, pkcs11.CKR_DEVICE_MEMORY, pkcs11.CKR_DEVICE_REMOVED,
		pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_SLOT_ID_INVALID,
		pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED,
		pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_KEY_HANDLE_INVALID)
}
