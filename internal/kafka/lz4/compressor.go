// Package lz4 compresses the batches of producers as Kafka's own producers do: in frames of
// LZ4 with independent blocks of 64 KiB, and without a checksum of the content, as a batch
// has its own. A reader needs room for one block only, and a writer copies nothing.
// [Decode] reads such frames.
//
//	frame: 04 22 4d 18 │ 60 40 82 │ block │ block │ … │ 00 00 00 00
//	block: length 4 bytes, little-endian, the highest bit set when it is not compressed │ bytes
package lz4

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/pierrec/lz4/v4"
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
type Compressor struct{ blocks sync.Pool }

var _ kgo.Compressor = (*Compressor)(nil)

// New returns a Compressor.
func New() *Compressor {
	return &Compressor{blocks: sync.Pool{New: func() any { return new(lz4.Compressor) }}}
}

// Compress returns src as a frame, in the memory of dst. The client calls it for each
// batch, and sends the batch as it is when that is shorter.
func (c *Compressor) Compress(dst *bytes.Buffer, src []byte, _ ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	blocks := c.blocks.Get().(*lz4.Compressor)
	defer c.blocks.Put(blocks)
	dst.Grow(frameBound(len(src)))
	frame := append(dst.AvailableBuffer(), head...)
	for len(src) > 0 {
		block := src[:min(len(src), blockSize)]
		frame, src = appendBlock(frame, block, blocks), src[len(block):]
	}
	return append(frame, end...), kgo.CodecLz4
}

// frameBound is the room for a frame.
func frameBound(n int) int {
	return len(head) + (n/blockSize+1)*(4+lz4.CompressBlockBound(blockSize)) + len(end)
}

// appendBlock appends a block, which the frame has room for: as it is when the compressor
// makes it no shorter.
func appendBlock(frame, block []byte, c *lz4.Compressor) []byte {
	start := len(frame) + 4
	n, err := c.CompressBlock(block, frame[start:start+lz4.CompressBlockBound(len(block))])
	length := uint32(n)
	if err != nil || n == 0 || n >= len(block) {
		n = copy(frame[start:cap(frame)], block)
		length = uint32(n) | stored
	}
	frame = binary.LittleEndian.AppendUint32(frame, length)
	return frame[:start+n]
}
