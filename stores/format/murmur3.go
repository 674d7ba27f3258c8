package format

import (
	"encoding/binary"
	"math/bits"
)

// Hash is a hash of 128 bits, high half first.
type Hash [2]int64

// hashSeed is what Kafka Streams begins every hash with.
const hashSeed = 104729

// The constants of MurmurHash3 for 64-bit machines.
const (
	murmurC1 = 0x87c37b91114253d5
	murmurC2 = 0x4cf5ad432745937f
	murmurN1 = 0x52dce729
	murmurN2 = 0x38495ab5
)

// HashOf returns the hash of a serialized value that foreign-key joins compare
// (Murmur3.hash128: MurmurHash3_x64_128 with Kafka Streams' seed).
func HashOf(data []byte) Hash {
	h1, h2 := uint64(hashSeed), uint64(hashSeed)
	length := uint64(len(data))
	for ; len(data) >= 16; data = data[16:] {
		h1 ^= mixLow(binary.LittleEndian.Uint64(data))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + murmurN1
		h2 ^= mixHigh(binary.LittleEndian.Uint64(data[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + murmurN2
	}
	var tail [16]byte
	copy(tail[:], data)
	h1 ^= mixLow(binary.LittleEndian.Uint64(tail[:]))
	h2 ^= mixHigh(binary.LittleEndian.Uint64(tail[8:]))
	h1 ^= length
	h2 ^= length
	h1 += h2
	h2 += h1
	h1, h2 = avalanche(h1), avalanche(h2)
	h1 += h2
	h2 += h1
	return Hash{int64(h1), int64(h2)}
}

func mixLow(k uint64) uint64  { return bits.RotateLeft64(k*murmurC1, 31) * murmurC2 }
func mixHigh(k uint64) uint64 { return bits.RotateLeft64(k*murmurC2, 33) * murmurC1 }

func avalanche(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
