package jose

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
)

// content is one "enc" algorithm (RFC 7518 §5.1). Lengths are in bytes.
type content struct {
	name            string
	key, nonce, tag int
	open            func(c *content, key []byte, e *Encrypted) ([]byte, bool)
	hash            func() hash.Hash // of CBC alone
	wholeBlocks     bool
}

// contents is every way in which the content may be encrypted. GCM is RFC 7518 §5.3, CBC
// with HMAC §5.2.
var contents = []*content{
	{name: "A128GCM", key: 16, nonce: 12, tag: 16, open: openGCM},
	{name: "A256GCM", key: 32, nonce: 12, tag: 16, open: openGCM},
	{name: "A128CBC-HS256", key: 32, nonce: 16, tag: 16, open: openCBC, hash: sha256.New, wholeBlocks: true},
	{name: "A256CBC-HS512", key: 64, nonce: 16, tag: 32, open: openCBC, hash: sha512.New, wholeBlocks: true},
}

// ContentEncryption lists every "enc" that is read, for metadata.
func ContentEncryption() []string {
	names := make([]string, len(contents))
	for i, c := range contents {
		names[i] = c.name
	}
	return names
}

func parseContent(name string) (*content, error) {
	for _, known := range contents {
		if name == known.name {
			return known, nil
		}
	}
	return nil, badAlgorithm("JWE enc is not one of A128GCM, A256GCM, A128CBC-HS256, A256CBC-HS512")
}

func openGCM(_ *content, key []byte, e *Encrypted) ([]byte, bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, false
	}
	sealed := append(append([]byte(nil), e.ciphertext...), e.tag...)
	plain, err := aead.Open(sealed[:0], e.nonce, sealed, []byte(e.protected))
	return plain, err == nil
}

// openCBC checks the MAC over all that came before anything is decrypted, so that padding
// tells nothing to anybody who does not know the key.
func openCBC(c *content, key []byte, e *Encrypted) ([]byte, bool) {
	half := len(key) / 2
	mac := hmac.New(c.hash, key[:half])
	mac.Write([]byte(e.protected))
	mac.Write(e.nonce)
	mac.Write(e.ciphertext)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(e.protected))*8))
	if !hmac.Equal(mac.Sum(nil)[:c.tag], e.tag) {
		return nil, false
	}
	block, err := aes.NewCipher(key[half:])
	if err != nil {
		return nil, false
	}
	plain := make([]byte, len(e.ciphertext))
	cipher.NewCBCDecrypter(block, e.nonce).CryptBlocks(plain, e.ciphertext)
	padding := int(plain[len(plain)-1]) // PKCS #7, RFC 5652 §6.3
	if padding < 1 || padding > aes.BlockSize {
		return nil, false
	}
	for _, b := range plain[len(plain)-padding:] {
		if int(b) != padding {
			return nil, false
		}
	}
	return plain[:len(plain)-padding], true
}
