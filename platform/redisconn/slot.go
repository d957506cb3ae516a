package redisconn

import "strconv"

// slots of a cluster.
const slotCount = 16384

// slotOf is the slot of a hash tag: CRC-16/XMODEM, as the specification of Redis
// Cluster has it.
func slotOf(tag string) int {
	var crc uint16
	for i := range len(tag) {
		crc ^= uint16(tag[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % slotCount
}

// tagIn is the first number whose slot is this one, as text.
func tagIn(slot int) string {
	for n := 0; ; n++ {
		if tag := strconv.Itoa(n); slotOf(tag) == slot {
			return tag
		}
	}
}
