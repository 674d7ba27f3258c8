package lz4

import (
	"encoding/binary"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// frames are the kinds of frames that [Decode] reads.
var frames = [...]struct {
	head      string
	block     int // the largest one before compression
	following int // bytes after the end: a checksum of the content
}{
	{head, blockSize, 0},
	// What clients in Go write.
	{"\x04\x22\x4d\x18\x64\x70\xb9", 4 << 20, 4},
}

// Decode decompresses a frame into room, without a copy in between, and returns how many bytes
// there are. As Kafka's own consumers it leaves a checksum of the content alone, as a batch has
// its own. ok is false for a frame that is damaged, does not fit, or does not begin as those
// of Kafka's own producers, of a [Compressor] and of clients in Go do: what is in room then
// means nothing, and a reader of all frames has to say more.
func Decode(room, frame []byte) (n int, ok bool) {
	for _, f := range &frames {
		if strings.HasPrefix(string(frame[:min(len(frame), len(f.head))]), f.head) {
			return decodeBlocks(room, frame[len(f.head):], f.block, f.following)
		}
	}
	return 0, false
}

// decodeBlocks decompresses what follows the head of a frame.
func decodeBlocks(room, blocks []byte, largest, following int) (n int, ok bool) {
	for len(blocks) >= 4 {
		length := binary.LittleEndian.Uint32(blocks)
		blocks = blocks[4:]
		if length == 0 {
			return n, len(blocks) == following
		}
		size := int(length &^ stored)
		if len(blocks) < size {
			return 0, false
		}
		m, ok := decodeBlock(room[n:min(len(room), n+largest)], blocks[:size], length&stored != 0)
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
