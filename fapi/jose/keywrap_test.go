package jose

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// TestUnwrapKey has the vectors of RFC 3394 §4.1, §4.3 and §4.6.
func TestUnwrapKey(t *testing.T) {
	tests := []struct{ section, wrapping, plain, wrapped string }{
		{"4.1", "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{"4.3", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{"4.6", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F", "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	}
	for _, test := range tests {
		t.Run(test.section, func(t *testing.T) {
			wrapping, plain, wrapped := must(hex.DecodeString(test.wrapping)), must(hex.DecodeString(test.plain)), must(hex.DecodeString(test.wrapped))
			if got, good := unwrapKey(wrapping, wrapped); good != 1 || !bytes.Equal(got, plain) {
				t.Errorf("got %x, %d", got, good)
			}
			wrapped[3] ^= 1
			if _, good := unwrapKey(wrapping, wrapped); good != 0 {
				t.Error("a changed key was taken")
			}
		})
	}
}
