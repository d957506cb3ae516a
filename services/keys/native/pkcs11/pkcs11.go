package pkcs11

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// Name is what configuration and records call this backend.
const Name = "pkcs11"

// Backend keeps keys in a token. Make one with New.
type Backend struct {
	device  *device
	rsaBits int
}

var _ backend.Backend = (*Backend)(nil)

// New reaches for the token and logs in, so that a wrong PIN or a missing token is
// told at once. RSA keys are made with rsaBits.
func New(cfg Config, rsaBits int) (*Backend, error) {
	if cfg.Sessions == 0 {
		cfg.Sessions = defaultSessions
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	loaded, err := load(cfg.Module)
	if err != nil {
		return nil, err
	}
	b := &Backend{device: &device{cfg: cfg, library: loaded}, rsaBits: rsaBits}
	_, err = b.device.connected()
	return b, err
}

// Close gives the sessions back. The token stays logged in until the process ends.
func (b *Backend) Close() {
	b.device.mu.Lock()
	c := b.device.current
	b.device.mu.Unlock()
	if c != nil {
		b.device.drop(c, pkcs11.Error(pkcs11.CKR_SESSION_CLOSED))
	}
}

// Name is pkcs11.
func (b *Backend) Name() string { return Name }

// A handle is one byte of version and the key's CKA_ID, the SHA-256 of its label. So
// the label finds the key, and a handle under another label is noticed without a
// word to the token.
const version = 1

func handleOf(label backend.Label) []byte {
	hash := sha256.New()
	for _, member := range []string{"strongroom key", label.Issuer, label.KeyID, label.Purpose, string(label.Algorithm)} {
		_ = binary.Write(hash, binary.BigEndian, uint32(len(member))) // a hash takes everything
		hash.Write([]byte(member))
	}
	return hash.Sum([]byte{version})
}

// Make makes a key in the token. It tries the key before it answers: a token that
// cannot do an algorithm, or only another hash, is told by the error ErrAlgorithm.
func (b *Backend) Make(_ context.Context, label backend.Label) ([]byte, crypto.PublicKey, error) {
	kind, ok := kinds[label.Algorithm]
	if !ok {
		return nil, nil, fmt.Errorf("%w: %q", backend.ErrAlgorithm, label.Algorithm)
	}
	handle := handleOf(label)
	id := handle[1:]
	err := b.device.do(func(_ *connection, s pkcs11.SessionHandle) error { return b.generate(s, label, kind, id) })
	if err != nil {
		return nil, nil, unsupported(label, fmt.Errorf("make a key in the token: %w", err))
	}
	key, err := b.open(label, string(id))
	if err == nil {
		err = key.try()
	}
	if err != nil {
		return nil, nil, unsupported(label, errors.Join(err, b.destroy(string(id))))
	}
	return handle, key.Public(), nil
}

// unsupported adds ErrAlgorithm where the token says that it cannot do this.
func unsupported(label backend.Label, err error) error {
	if is(err, pkcs11.CKR_MECHANISM_INVALID, pkcs11.CKR_MECHANISM_PARAM_INVALID, pkcs11.CKR_ARGUMENTS_BAD,
		pkcs11.CKR_CURVE_NOT_SUPPORTED, pkcs11.CKR_DOMAIN_PARAMS_INVALID, pkcs11.CKR_KEY_SIZE_RANGE, pkcs11.CKR_FUNCTION_NOT_SUPPORTED) {
		return fmt.Errorf("%w: this token does not do %s; take it out of the issuer's configuration: %w", backend.ErrAlgorithm, label.Algorithm, err)
	}
	return err
}

func (b *Backend) generate(s pkcs11.SessionHandle, label backend.Label, kind kind, id []byte) error {
	name := fmt.Sprintf("strongroom %s %s %s %s", label.Issuer, label.Purpose, label.Algorithm, label.KeyID)
	public := append(kind.public(b.rsaBits),
		pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false),
		pkcs11.NewAttribute(pkcs11.CKA_VERIFY, kind.use == pkcs11.CKA_SIGN), pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, kind.use == pkcs11.CKA_DECRYPT))
	private := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
	}
	for _, use := range []uint{pkcs11.CKA_SIGN, pkcs11.CKA_DECRYPT, pkcs11.CKA_DERIVE, pkcs11.CKA_UNWRAP} {
		private = append(private, pkcs11.NewAttribute(use, use == kind.use))
	}
	_, _, err := b.device.library.ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(kind.generate, nil)}, public, private)
	return err
}

// Open finds a key in the token, and makes sure that it cannot leave it.
func (b *Backend) Open(_ context.Context, label backend.Label, handle []byte) (backend.Key, error) {
	want := handleOf(label)
	if !bytes.Equal(handle, want) {
		return nil, backend.ErrHandle
	}
	if _, ok := kinds[label.Algorithm]; !ok {
		return nil, backend.ErrHandle
	}
	key, err := b.open(label, string(want[1:]))
	if err != nil {
		return nil, err
	}
	return key.as(), nil
}

func (b *Backend) open(label backend.Label, id string) (*key, error) {
	k := &key{device: b.device, private: object{pkcs11.CKO_PRIVATE_KEY, id}, algorithm: label.Algorithm}
	err := b.device.do(func(c *connection, s pkcs11.SessionHandle) error {
		public, err := b.device.find(c, s, object{pkcs11.CKO_PUBLIC_KEY, id})
		if err != nil {
			return err
		}
		if k.public, err = b.device.readPublic(s, public, label.Algorithm); err != nil {
			return err
		}
		private, err := b.device.find(c, s, k.private)
		if err != nil {
			return err
		}
		return b.device.checkKept(s, private)
	})
	return k, err
}

// Destroy destroys both halves of a key in the token.
func (b *Backend) Destroy(_ context.Context, label backend.Label, handle []byte) error {
	want := handleOf(label)
	if !bytes.Equal(handle, want) {
		return backend.ErrHandle
	}
	return b.destroy(string(want[1:]))
}

func (b *Backend) destroy(id string) error {
	return b.device.do(func(c *connection, s pkcs11.SessionHandle) error {
		for _, o := range []object{{pkcs11.CKO_PRIVATE_KEY, id}, {pkcs11.CKO_PUBLIC_KEY, id}} {
			handle, err := b.device.find(c, s, o)
			if errors.Is(err, errMissing) {
				continue
			}
			if err != nil {
				return err
			}
			c.objects.Delete(o)
			if err := b.device.library.ctx.DestroyObject(s, handle); err != nil {
				return fmt.Errorf("destroy a key in the token: %w", err)
			}
		}
		return nil
	})
}
