// Package lz4 compresses the batches of producers as Kafka's own producers do: in frames of
// LZ4 with independent blocks of 64 KiB, and without a checksum of the content, as a batch
// has its own. A reader needs room for one block only. The writer's table stays in the cache
// of a core, which makes it about twice as fast as a compressor for data of any kind.
// [Decode] reads such frames, and those of other clients.
//
//	frame: 04 22 4d 18 │ 60 40 82 │ block │ block │ … │ 00 00 00 00
//	block: length 4 bytes, little-endian, the highest bit set when it is not compressed │ bytes
package lz4

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// head begins a frame: what it is, how it is written, the size of its blocks, and a
// checksum of these two. Four zeros end it.
const (
	head = "\x04\x22\x4d\x18\x60\x40\x82"
	end  = "\x00\x00\x00\x00"
)

// blockSize is the largest block before compression, and stored the bit in the length of
// one that is not compressed.
const (
	blockSize = 64 << 10
	stored    = 1 << 31
)

// Compressor compresses batches. Any goroutine may use it.
type Compressor struct{ tables sync.Pool }

var _ kgo.Compressor = (*Compressor)(nil)

// New returns a Compressor.
func New() *Compressor {
	return &Compressor{tables: sync.Pool{New: func() any { return new(table) }}}
}

// Compress returns src as a frame, in the memory of dst. The client calls it for each
// batch, and sends the batch as it is when that is shorter.
func (c *Compressor) Compress(dst *bytes.Buffer, src []byte, _ ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	t := c.tables.Get().(*table)
	defer c.tables.Put(t)
	dst.Grow(frameBound(len(src)))
	frame := append(dst.AvailableBuffer(), head...)
	for len(src) > 0 {
		block := src[:min(len(src), blockSize)]
		frame, src = t.append(frame, block), src[len(block):]
	}
	return append(frame, end...), kgo.CodecLz4
}

// frameBound is the room for a frame.
func frameBound(n int) int {
	return len(head) + n/blockSize*(4+bound(blockSize)) + 4 + bound(n%blockSize) + len(end)
}

// append appends a block, which the frame has room for.
func (t *table) append(frame, block []byte) []byte {
	start := len(frame) + 4
	n := t.compress(frame[start:cap(frame)], block)
	length := uint32(n)
	if n >= len(block) {
		n = copy(frame[start:cap(frame)], block)
		length = uint32(n) | stored
	}
	frame = binary.LittleEndian.AppendUint32(frame, length)
	return frame[:start+n]
}
