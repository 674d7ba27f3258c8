package batches

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	pierrec "github.com/pierrec/lz4/v4"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/twmb/franz-go/pkg/kgo"
)

// scratchSize is the room in which most batches are decompressed before their size is
// known: those of producers with the usual max.request.size. Only what is larger is
// charged for such room.
const scratchSize = 1<<20 + 64<<10

var errCodec = errors.New("unknown compression codec")

// codecs decompress. Their readers and scratch room are used again and again.
type codecs struct {
	largest int64 // bytes of a batch
	gzips   sync.Pool
	lz4s    sync.Pool
	scratch sync.Pool
	zstd    func() (*zstd.Decoder, error)
}

func newCodecs(largest int64) *codecs {
	c := &codecs{largest: largest}
	c.gzips.New = func() any { return new(gzip.Reader) }
	c.lz4s.New = func() any { return pierrec.NewReader(nil) }
	c.scratch.New = func() any { room := make([]byte, scratchSize); return &room }
	c.zstd = sync.OnceValues(newZstd)
	return c
}

// decode decompresses and charges r with the bytes that it returns.
func (c *codecs) decode(src []byte, codec kgo.CompressionCodecType, r *reservation) ([]byte, error) {
	switch codec {
	case kgo.CodecGzip:
		z := c.gzips.Get().(*gzip.Reader)
		defer c.gzips.Put(z)
		if err := z.Reset(bytes.NewReader(src)); err != nil {
			return nil, err
		}
		return c.stream(z, r)
	case kgo.CodecLz4:
		return c.decodeLz4(src, r)
	case kgo.CodecSnappy:
		return decodeSnappy(src, r)
	case kgo.CodecZstd:
		return c.decodeZstd(src, r)
	}
	return nil, errCodec
}

// decodeLz4 reads a frame of the usual kind and size by its blocks, and others as a stream.
func (c *codecs) decodeLz4(src []byte, r *reservation) ([]byte, error) {
	scratch := c.scratch.Get().(*[]byte)
	if n, ok := lz4.Decode(*scratch, src); ok {
		defer c.scratch.Put(scratch)
		return keep((*scratch)[:n], r)
	}
	c.scratch.Put(scratch)
	z := c.lz4s.Get().(*pierrec.Reader)
	defer c.lz4s.Put(z)
	z.Reset(bytes.NewReader(src))
	return c.stream(z, r)
}

// keep copies what is in the scratch room.
func keep(data []byte, r *reservation) ([]byte, error) {
	if err := r.grow(int64(len(data))); err != nil {
		return nil, err
	}
	return slices.Clone(data), nil
}

// stream reads to the end of in.
func (c *codecs) stream(in io.Reader, r *reservation) ([]byte, error) {
	scratch := c.scratch.Get().(*[]byte)
	defer c.scratch.Put(scratch)
	n, ended, err := fill(in, *scratch)
	if err != nil {
		return nil, err
	}
	if !ended {
		return c.large(in, *scratch, r)
	}
	return keep((*scratch)[:n], r)
}

// large reads what follows the first part, into parts that are as large as those
// before, and copies them together when the size is known.
func (c *codecs) large(in io.Reader, first []byte, r *reservation) ([]byte, error) {
	parts, size := [][]byte{first}, len(first)
	for ended := false; !ended; {
		room := min(int64(size), c.largest-int64(size)+1)
		if room <= 0 {
			return nil, kgo.ErrMaxDecompress
		}
		if err := r.grow(room); err != nil {
			return nil, err
		}
		part := make([]byte, room)
		n, end, err := fill(in, part)
		if err != nil {
			return nil, err
		}
		parts, size, ended = append(parts, part[:n]), size+n, end
	}
	if int64(size) > c.largest {
		return nil, kgo.ErrMaxDecompress
	}
	if err := r.grow(int64(size)); err != nil {
		return nil, err
	}
	data := slices.Concat(parts...)
	r.Shrink(r.Taken() - int64(size))
	return data, nil
}

// fill reads until the room is full or in has ended. A stream that breaks off is an
// error.
func fill(in io.Reader, room []byte) (n int, ended bool, err error) {
	for n < len(room) {
		m, err := in.Read(room[n:])
		n += m
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}
