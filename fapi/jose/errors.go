package jose

import (
	"errors"
	"fmt"
)

// Every error that input can cause wraps one of these. The text after it is a fixed
// reason: it never holds bytes of a token or a key, so it may be logged.
var (
	// ErrMalformed: not the strict form this package reads.
	ErrMalformed = errors.New("jose: malformed")
	// ErrAlgorithm: the algorithm is missing, unknown or not allowed for this use.
	ErrAlgorithm = errors.New("jose: algorithm refused")
	// ErrKey: a key is private, weak, unsuitable, or no key fits. From
	// [Signed.Verify] it means that nothing was tried, so that fetching the
	// client's keys again may help.
	ErrKey = errors.New("jose: key refused")
	// ErrSignature: keys fitted, and none of them made this signature.
	ErrSignature = errors.New("jose: signature refused")
	// ErrDecryption: the content cannot be decrypted. There is no reason with it, for a
	// reason is what an attacker asks for.
	ErrDecryption = errors.New("jose: decryption refused")
)

// errUnsupported marks a public key that is sound as far as we can tell but of a
// kind we do not serve. A key set may hold such keys; they are passed over.
var errUnsupported = fmt.Errorf("%w: unsupported", ErrKey)

func malformed(reason string) error      { return fmt.Errorf("%w: %s", ErrMalformed, reason) }
func badAlgorithm(reason string) error   { return fmt.Errorf("%w: %s", ErrAlgorithm, reason) }
func badKey(reason string) error         { return fmt.Errorf("%w: %s", ErrKey, reason) }
func unsupportedKey(reason string) error { return fmt.Errorf("%w %s", errUnsupported, reason) }
