package software

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// A handle is
//
//	version         1 byte, 1
//	name of the KEK 8 bytes
//	nonce          12 bytes, random: a table holds far fewer keys than the 2^32
//	               messages that NIST SP 800-38D §8.3 allows under one key
//	sealed         the PKCS #8 key and a tag of 16 bytes
//
// and the associated data are everything before the nonce, and the label.
const (
	version     = 1
	nameLength  = 8
	nonceLength = 12
	prefix      = 1 + nameLength
)

func (b *Backend) wrap(label backend.Label, plain []byte) []byte {
	handle := append([]byte{version}, b.name[:]...)
	associated := associatedData(handle, label)
	nonce := make([]byte, nonceLength)
	rand.Read(nonce) // never fails: crypto/rand ends the process instead
	return b.aead.Seal(append(handle, nonce...), nonce, plain, associated)
}

func (b *Backend) unwrap(label backend.Label, handle []byte) ([]byte, error) {
	if len(handle) < prefix+nonceLength || handle[0] != version {
		return nil, backend.ErrHandle
	}
	if !bytes.Equal(handle[1:prefix], b.name[:]) {
		return nil, ErrKeyEncryptionKey
	}
	nonce, sealed := handle[prefix:prefix+nonceLength], handle[prefix+nonceLength:]
	plain, err := b.aead.Open(nil, nonce, sealed, associatedData(handle[:prefix], label))
	if err != nil {
		return nil, backend.ErrHandle
	}
	return plain, nil
}

// associatedData writes the length before each member, so that no two labels
// read the same.
func associatedData(head []byte, label backend.Label) []byte {
	data := bytes.Clone(head)
	for _, member := range []string{label.Issuer, label.KeyID, label.Purpose, string(label.Algorithm)} {
		data = binary.BigEndian.AppendUint32(data, uint32(len(member)))
		data = append(data, member...)
	}
	return data
}
