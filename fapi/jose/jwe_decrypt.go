package jose

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"slices"
)

// PrivateKey is a key of our own that decrypts: a crypto.Decrypter for RSA-OAEP, an
// [Agreer] for ECDH-ES. It may be in an HSM. A decrypter's error wraps rsa.ErrDecryption
// where the ciphertext is to blame.
type PrivateKey interface{ Public() crypto.PublicKey }

// Decrypt opens the content with one private key. Whatever the sender got wrong, the error
// is ErrDecryption without a reason, and the same work was done: a content key that cannot
// be unwrapped is replaced by a random one, under which the content then fails
// (RFC 7516 §11.5, THR-5). Any other error is the key's own: a device that does not answer.
func (e *Encrypted) Decrypt(key PrivateKey) ([]byte, error) {
	contentKey, err := e.contentKey(key)
	if err != nil {
		return nil, err
	}
	defer clear(contentKey)
	plain, ok := e.content.open(e.content, contentKey, e)
	if !ok {
		return nil, ErrDecryption
	}
	return plain, nil
}

func (e *Encrypted) contentKey(key PrivateKey) ([]byte, error) {
	if e.Header.Algorithm.agrees() {
		agreer, ok := key.(Agreer)
		if !ok {
			return nil, badKey("key does not serve the algorithm")
		}
		return e.agreed(agreer)
	}
	decrypter, ok := key.(crypto.Decrypter)
	if !ok {
		return nil, badKey("key does not serve the algorithm")
	}
	random := make([]byte, e.content.key)
	rand.Read(random) // never fails
	hash := e.Header.Algorithm.hash()
	unwrapped, err := decrypter.Decrypt(nil, e.encryptedKey, &rsa.OAEPOptions{Hash: hash, MGFHash: hash})
	if err != nil && !errors.Is(err, rsa.ErrDecryption) {
		return nil, err
	}
	if len(unwrapped) != len(random) { // also where unwrapping failed
		return random, nil
	}
	return unwrapped, nil
}

func (e *Encrypted) agreed(key Agreer) ([]byte, error) {
	secret, err := key.ECDH(e.ephemeral)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	length := e.Header.Algorithm.wrapLength()
	if length == 0 {
		return e.derive(secret, e.content.name, e.content.key), nil
	}
	wrapping := e.derive(secret, string(e.Header.Algorithm), length)
	defer clear(wrapping)
	random := make([]byte, e.content.key)
	rand.Read(random) // never fails
	unwrapped, good := unwrapKey(wrapping, e.encryptedKey)
	subtle.ConstantTimeCopy(good, random, unwrapped)
	return random, nil
}

// derive is the Concat KDF of RFC 7518 §4.6.2, with SHA-256.
func (e *Encrypted) derive(secret []byte, algorithm string, length int) []byte {
	var info []byte
	for _, part := range [][]byte{[]byte(algorithm), e.apu, e.apv} {
		info = binary.BigEndian.AppendUint32(info, uint32(len(part)))
		info = append(info, part...)
	}
	info = binary.BigEndian.AppendUint32(info, uint32(length)*8)
	var derived []byte
	for round := uint32(1); len(derived) < length; round++ {
		digest := sha256.Sum256(slices.Concat(binary.BigEndian.AppendUint32(nil, round), secret, info))
		derived = append(derived, digest[:]...)
	}
	return derived[:length]
}
