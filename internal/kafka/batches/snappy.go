package batches

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/klauspost/compress/s2"
	"github.com/twmb/franz-go/pkg/kgo"
)

// javaMagic begins what Java's producers write: blocks of snappy, each with its length
// in front.
//
//	magic 8 bytes │ version 4 │ compatible version 4 │ length 4, block │ length 4, block │ …
var javaMagic = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

const javaHeader = 16

var errSnappy = errors.New("damaged blocks of snappy")

// decodeSnappy decompresses one block, or those of Java. Each says its size.
func decodeSnappy(src []byte, r *reservation) ([]byte, error) {
	blocks := [][]byte{src}
	if len(src) > javaHeader && bytes.HasPrefix(src, javaMagic) {
		var err error
		if blocks, err = javaBlocks(src[javaHeader:]); err != nil {
			return nil, err
		}
	}
	var size int64
	for _, b := range blocks {
		n, err := s2.DecodedLen(b)
		if err != nil {
			return nil, err
		}
		if size += int64(n); size > r.largest {
			return nil, kgo.ErrMaxDecompress
		}
	}
	if err := r.grow(size); err != nil {
		return nil, err
	}
	return decodeBlocks(blocks, make([]byte, size))
}

// decodeBlocks decompresses into room, which is as large as the blocks say.
func decodeBlocks(blocks [][]byte, room []byte) ([]byte, error) {
	at := 0
	for _, b := range blocks {
		out, err := s2.Decode(room[at:], b)
		if err != nil {
			return nil, err
		}
		at += len(out)
	}
	return room[:at], nil
}

// javaBlocks cuts Java's frames.
func javaBlocks(src []byte) (blocks [][]byte, err error) {
	for len(src) > 0 {
		if len(src) < 4 {
			return nil, errSnappy
		}
		size := int64(int32(binary.BigEndian.Uint32(src)))
		src = src[4:]
		if size < 0 || size > int64(len(src)) {
			return nil, errSnappy
		}
		blocks, src = append(blocks, src[:size]), src[size:]
	}
	return blocks, nil
}
