package jose

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
)

// unwrapKey is the AES key unwrap of RFC 3394 §2.2.2. good is 1 where the check value was
// right and 0 otherwise; the same is done in both cases. wrapped has at least 24 bytes, in
// blocks of 8.
func unwrapKey(wrapping, wrapped []byte) (plain []byte, good int) {
	block, err := aes.NewCipher(wrapping)
	if err != nil {
		return make([]byte, len(wrapped)-8), 0
	}
	n := len(wrapped)/8 - 1
	plain = append([]byte(nil), wrapped[8:]...)
	var buffer [aes.BlockSize]byte
	copy(buffer[:8], wrapped[:8])
	for step := 6 * n; step >= 1; step-- {
		register := plain[(step-1)%n*8:][:8]
		check := binary.BigEndian.Uint64(buffer[:8])
		binary.BigEndian.PutUint64(buffer[:8], check^uint64(step))
		copy(buffer[8:], register)
		block.Decrypt(buffer[:], buffer[:])
		copy(register, buffer[8:])
	}
	return plain, subtle.ConstantTimeCompare(buffer[:8], []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6})
}
