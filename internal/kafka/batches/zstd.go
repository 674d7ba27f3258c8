package batches

import (
	"bytes"
	"errors"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// zstdWindow is the most that a frame may look back: what Java's highest level does is a
// quarter of it. It costs no memory.
const zstdWindow = 512 << 20

// zstdClose is from when on the most that frames can hold is close to what they do
// hold: of every full block it is known, and a block has 128 KiB at most.
const zstdClose = 256 << 10

// zstdSlack is what the decoder wants to have behind the data.
const zstdSlack = 32

func newZstd() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecodeAllCapLimit(true))
}

// decodeZstd decompresses into room for the most that the frames can hold, which the
// decoder does not leave. Frames that may hold more than a batch may take are read like
// a stream, in case they hold less.
func (c *codecs) decodeZstd(src []byte, r *reservation) ([]byte, error) {
	most := mostOfZstd(src)
	if most > c.largest {
		return c.streamZstd(src, r)
	}
	decoder, err := c.zstd()
	if err != nil {
		return nil, err
	}
	if most > zstdClose {
		if err := r.grow(most); err != nil {
			return nil, err
		}
		return decoder.DecodeAll(src, make([]byte, 0, most+zstdSlack))
	}
	scratch := c.scratch.Get().(*[]byte)
	defer c.scratch.Put(scratch)
	data, err := decoder.DecodeAll(src, (*scratch)[:0])
	if err == nil {
		err = r.grow(int64(len(data)))
	}
	if err != nil {
		return nil, err
	}
	return slices.Clone(data), nil
}

// streamZstd needs room for what the frames look back as well.
func (c *codecs) streamZstd(src []byte, r *reservation) ([]byte, error) {
	window := uint64(max(c.largest/2, zstd.MinWindowSize))
	if err := r.grow(int64(window)); err != nil {
		return nil, err
	}
	in, err := zstd.NewReader(bytes.NewReader(src), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := c.stream(in, r)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, kgo.ErrMaxDecompress
	}
	if err == nil {
		r.Shrink(r.Taken() - int64(len(data)))
	}
	return data, err
}

// What a frame of zstd is made of, see RFC 8878.
const (
	blockHeader   = 3
	blockMost     = 128 << 10 // what a compressed block can hold
	frameChecksum = 4
	blockRaw      = 0
	blockRepeat   = 1
)

// mostOfZstd returns the most bytes that the frames can hold, from the headers of their
// blocks. What is damaged counts up to the damage.
func mostOfZstd(src []byte) (most int64) {
	for len(src) > 0 {
		var h zstd.Header
		if h.Decode(src) != nil || h.HeaderSize > len(src) {
			return most
		}
		src = src[h.HeaderSize:]
		if h.Skippable {
			src = src[min(int64(h.SkippableSize), int64(len(src))):]
			continue
		}
		frame, rest := mostOfFrame(src)
		if h.HasFCS {
			frame = int64(min(uint64(frame), h.FrameContentSize))
		}
		most += frame
		if h.HasCheckSum {
			rest = rest[min(frameChecksum, len(rest)):]
		}
		src = rest
	}
	return most
}

// mostOfFrame reads the blocks of a frame and returns what follows them.
func mostOfFrame(src []byte) (most int64, rest []byte) {
	for len(src) >= blockHeader {
		head := uint32(src[0]) | uint32(src[1])<<8 | uint32(src[2])<<16
		last, kind, size := head&1 == 1, head>>1&3, int64(head>>3)
		src = src[blockHeader:]
		length := size
		switch kind {
		case blockRaw:
			most += size
		case blockRepeat:
			most, length = most+size, 1
		default:
			most += blockMost
		}
		if length > int64(len(src)) {
			return most, nil
		}
		src = src[length:]
		if last {
			return most, src
		}
	}
	return most, nil
}
