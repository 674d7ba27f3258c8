package lz4

import (
	"encoding/binary"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// Decode decompresses a frame into room, without a copy in between, and returns how many bytes
// there are. ok is false for a frame that is damaged, does not fit, or does not begin as those
// of Kafka's own producers and of a [Compressor] do: what is in room then means nothing, and a
// reader of all frames has to say more.
func Decode(room, frame []byte) (n int, ok bool) {
	if !strings.HasPrefix(string(frame[:min(len(frame), len(head))]), head) {
		return 0, false
	}
	for blocks := frame[len(head):]; len(blocks) >= 4; {
		length := binary.LittleEndian.Uint32(blocks)
		blocks = blocks[4:]
		if length == 0 {
			return n, len(blocks) == 0
		}
		size := int(length &^ stored)
		if len(blocks) < size {
			return 0, false
		}
		m, ok := decodeBlock(room[n:min(len(room), n+blockSize)], blocks[:size], length&stored != 0)
		if !ok {
			return 0, false
		}
		n, blocks = n+m, blocks[size:]
	}
	return 0, false
}

// decodeBlock decompresses a block, which is as it was if it is stored.
func decodeBlock(room, block []byte, stored bool) (n int, ok bool) {
	if stored {
		return copy(room, block), len(block) <= len(room)
	}
	n, err := lz4.UncompressBlock(block, room)
	return n, err == nil
}
