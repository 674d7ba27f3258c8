package lz4

import (
	"encoding/binary"

	"github.com/pierrec/lz4/v4"
)

// The flags of a frame in its fifth byte: the version in the highest two bits, and what the
// frame has.
const (
	flagVersion     = 0b11 << 6
	version         = 0b01 << 6
	independent     = 1 << 5
	blockChecksums  = 1 << 4
	contentSize     = 1 << 3
	contentChecksum = 1 << 2
	dictionary      = 1 << 0
)

// Decode decompresses a frame into room, without a copy in between, and returns how many bytes
// there are. It does not look at checksums, as a batch has its own. ok is false for a frame
// that is damaged, does not fit, or is not of the usual kind, with independent blocks: what
// is in room then means nothing, and a reader of all frames has to say more.
func Decode(room, frame []byte) (n int, ok bool) {
	flags, blocks, ok := cutHead(frame)
	for ok {
		if len(blocks) < 4 {
			return 0, false
		}
		length := binary.LittleEndian.Uint32(blocks)
		blocks = blocks[4:]
		if length == 0 {
			return n, len(blocks) == trailer(flags)
		}
		var m int
		if m, blocks, ok = decodeBlock(room[n:], blocks, length); flags&blockChecksums != 0 && ok {
			blocks, ok = skip(blocks, 4)
		}
		n += m
	}
	return 0, false
}

// trailer is what follows the last block. Another frame may follow too, which is unusual.
func trailer(flags byte) int {
	if flags&contentChecksum != 0 {
		return 4
	}
	return 0
}

// cutHead returns what is behind the head of a usual frame.
func cutHead(frame []byte) (flags byte, blocks []byte, ok bool) {
	if len(frame) < len(head) || string(frame[:4]) != head[:4] {
		return 0, nil, false
	}
	flags = frame[4]
	if flags&flagVersion != version || flags&independent == 0 || flags&dictionary != 0 {
		return 0, nil, false
	}
	if blocks = frame[len(head):]; flags&contentSize != 0 {
		blocks, ok = skip(blocks, 8)
		return flags, blocks, ok
	}
	return flags, blocks, true
}

// decodeBlock decompresses the first block, and returns what is behind it.
func decodeBlock(room, blocks []byte, length uint32) (n int, rest []byte, ok bool) {
	size := int(length &^ stored)
	rest, ok = skip(blocks, size)
	if !ok {
		return 0, nil, false
	}
	if length&stored != 0 {
		return copy(room, blocks[:size]), rest, size <= len(room)
	}
	n, err := lz4.UncompressBlock(blocks[:size], room)
	return n, rest, err == nil
}

// skip cuts bytes off that must be there.
func skip(data []byte, n int) (rest []byte, ok bool) {
	if len(data) < n {
		return nil, false
	}
	return data[n:], true
}
