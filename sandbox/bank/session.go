package bank

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

// cookieName binds the cookie to this one host over TLS: no other site and no
// subdomain can set it (AZ-5: __Host- cookies).
const cookieName = "__Host-bank"

// browserID is the cookie's value, 32 random bytes. Before a login it only tells
// browsers apart; after it, it is the session's id.
type browserID string

func newBrowserID() browserID {
	octets := make([]byte, 32)
	_, _ = rand.Read(octets) // never fails
	return browserID(base64.RawURLEncoding.EncodeToString(octets))
}

// browserOf is the id that a request brings, or a new one for the answer to set.
func browserOf(w http.ResponseWriter, r *http.Request) browserID {
	if id, ok := cookieOf(r); ok {
		return id
	}
	id := newBrowserID()
	setCookie(w, id)
	return id
}

// cookieOf refuses what was not made here: another length, or two cookies.
func cookieOf(r *http.Request) (browserID, bool) {
	cookies := r.CookiesNamed(cookieName)
	if len(cookies) != 1 {
		return "", false
	}
	octets, err := base64.RawURLEncoding.DecodeString(cookies[0].Value)
	return browserID(cookies[0].Value), err == nil && len(octets) == 32
}

// setCookie lasts until the browser closes; the session behind it may end sooner.
// Lax, not Strict: it must come along when the authorization server, another
// site, sends the browser here.
func setCookie(w http.ResponseWriter, id browserID) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: string(id), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// session is a login.
type session struct {
	user     user
	authTime time.Time
	// during is the interaction that asked for the login: prompt=login and
	// max_age are content with a login made for them.
	during reference
}

type sessionKey [sha256.Size]byte

// sessions are the logins that live. Each lasts equally long, so the oldest is
// always the first to end.
type sessions struct {
	lifetime time.Duration
	limit    int

	mu    sync.Mutex
	byKey map[sessionKey]session // by the hash of the browser's id
	order []sessionKey           // by login; those that have ended may be among them
}

func newSessions(lifetime time.Duration, limit int) *sessions {
	return &sessions{lifetime: lifetime, limit: limit, byKey: map[sessionKey]session{}}
}

// start keeps a login under a new id, so that an id known before is worth nothing
// (BAD-88), and ends the one that the browser had.
func (s *sessions) start(before browserID, login session) browserID {
	s.end(before)
	id := newBrowserID()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.order) > 0 && (len(s.order) >= s.limit || !s.holds(s.order[0], login.authTime)) {
		delete(s.byKey, s.order[0])
		s.order = s.order[1:]
	}
	key := sessionKey(sha256.Sum256([]byte(id)))
	s.byKey[key] = login
	s.order = append(s.order, key)
	return id
}

// live is the login of a browser, if it has not ended.
func (s *sessions) live(id browserID, now time.Time) (session, bool) {
	key := sessionKey(sha256.Sum256([]byte(id)))
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[key], s.holds(key, now)
}

// end ends the login of a browser, if it has one.
func (s *sessions) end(id browserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byKey, sha256.Sum256([]byte(id)))
}

// holds needs mu.
func (s *sessions) holds(key sessionKey, now time.Time) bool {
	kept, ok := s.byKey[key]
	return ok && now.Before(kept.authTime.Add(s.lifetime))
}
