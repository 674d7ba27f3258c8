package ocf

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/golang/snappy"

	"github.com/suiro/suiro/transforms/formats/avro"
)

const (
	// MaxHeader is the longest header that is read, in bytes.
	MaxHeader = 16 << 20
	// MaxBlock is the largest block that is read, in bytes, before and after it is
	// decompressed.
	MaxBlock = 64 << 20
	// emptyRecords bounds the records of a block that take no bytes. Any other count
	// is bounded by the bytes of the block.
	emptyRecords = 1 << 16
)

// Reader reads an Avro object container file, block by block. One goroutine uses
// it.
type Reader struct {
	source   *bufio.Reader
	codec    *avro.Codec
	metadata map[string][]byte
	unpack   func(packed []byte) ([]byte, error)
	sync     [16]byte
	header   int // bytes that the header may still have
	packed   bytes.Buffer
	block    []byte // what is left of the block
	count    int64  // records left in block
}

// NewReader reads the header of a container file. Records are read with the schema
// in it. The caller closes r.
func NewReader(r io.Reader) (*Reader, error) {
	f := &Reader{source: bufio.NewReader(r), metadata: map[string][]byte{}, header: MaxHeader}
	if err := f.readHeader(); err != nil {
		return nil, fmt.Errorf("avro file: read header: %w", err)
	}
	var err error
	if f.codec, err = avro.ParseCodec(f.metadata["avro.schema"]); err != nil {
		return nil, fmt.Errorf("avro file: read header: %w", err)
	}
	switch name := string(f.metadata["avro.codec"]); name {
	case CodecNull, "":
		f.unpack = func(packed []byte) ([]byte, error) { return packed, nil }
	case CodecDeflate:
		f.unpack = unpackDeflate
	case CodecSnappy:
		f.unpack = unpackSnappy
	default:
		return nil, fmt.Errorf("avro file: read header: codec %.40q: want null, deflate or snappy", name)
	}
	return f, nil
}

func (f *Reader) readHeader() error {
	var magic [4]byte
	if _, err := io.ReadFull(f.source, magic[:]); err != nil {
		return whole(err)
	}
	if string(magic[:]) != fileMagic {
		return fmt.Errorf("%w: the file begins with %q, want %q: is it an Avro container file?",
			avro.ErrValue, magic[:], fileMagic)
	}
	for {
		count, err := f.readLong()
		if err != nil {
			return err
		}
		if count == 0 {
			break
		}
		if count < 0 { // the length of the block follows
			count = -count
			if _, err := f.readLong(); err != nil {
				return err
			}
		}
		for ; count > 0; count-- {
			if err := f.readMetadata(); err != nil {
				return err
			}
		}
	}
	_, err := io.ReadFull(f.source, f.sync[:])
	return whole(err)
}

func (f *Reader) readMetadata() error {
	key, err := f.readBytes(f.header)
	if err != nil {
		return err
	}
	name := string(key)
	f.header -= len(key) + perEntry
	value, err := f.readBytes(f.header)
	if err != nil {
		return err
	}
	f.header -= len(value)
	f.metadata[name] = bytes.Clone(value)
	return nil
}

// perEntry is what an entry of the header counts for beside its bytes.
const perEntry = 100

// Codec returns the codec of the file's schema.
func (f *Reader) Codec() *avro.Codec { return f.codec }

// Metadata returns the metadata of the header, including avro.schema and
// avro.codec. The caller must not change it.
func (f *Reader) Metadata() map[string][]byte { return f.metadata }

// Read returns the next value, and [io.EOF] after the last. When the file is cut
// short or damaged it returns another error.
func (f *Reader) Read() (any, error) {
	for f.count == 0 {
		if len(f.block) > 0 {
			return nil, fmt.Errorf("avro file: read block: %w: %d bytes follow its last record", avro.ErrValue, len(f.block))
		}
		if _, err := f.source.Peek(1); errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err := f.readBlock(); err != nil {
			return nil, fmt.Errorf("avro file: read block: %w", err)
		}
	}
	v, rest, err := f.codec.DecodeNext(f.block)
	if err != nil {
		return nil, fmt.Errorf("avro file: read record: %w", err)
	}
	f.block = rest
	f.count--
	return v, nil
}

func (f *Reader) readBlock() error {
	count, err := f.readLong()
	if err != nil {
		return err
	}
	if count < 0 {
		return fmt.Errorf("%w: a block of %d records", avro.ErrValue, count)
	}
	packed, err := f.readBytes(MaxBlock)
	if err != nil {
		return err
	}
	var sync [16]byte
	if _, err := io.ReadFull(f.source, sync[:]); err != nil {
		return whole(err)
	}
	if sync != f.sync {
		return fmt.Errorf("%w: the block does not end with the sync marker of the file: it is damaged", avro.ErrValue)
	}
	if f.block, err = f.unpack(packed); err != nil {
		return err
	}
	if count > int64(max(len(f.block), emptyRecords)) {
		return fmt.Errorf("%w: %d records in a block of %d bytes", avro.ErrValue, count, len(f.block))
	}
	f.count = count
	return nil
}

func (f *Reader) readLong() (int64, error) {
	n, err := binary.ReadVarint(f.source)
	return n, whole(err)
}

// readBytes reads a length and as many bytes, which are valid until the next call.
// It reserves memory only for bytes that are there, whatever the length says, and
// refuses more than most.
func (f *Reader) readBytes(most int) ([]byte, error) {
	n, err := f.readLong()
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, fmt.Errorf("%w: a length of %d bytes", avro.ErrValue, n)
	}
	if n > int64(most) {
		return nil, fmt.Errorf("%w: a length of %d bytes, where at most %d are read", avro.ErrValue, n, max(most, 0))
	}
	f.packed.Reset()
	_, err = io.CopyN(&f.packed, f.source, n)
	return f.packed.Bytes(), whole(err)
}

// whole makes an error of io.EOF at a place where the file must not end.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the file is cut short: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func unpackDeflate(packed []byte) ([]byte, error) {
	block, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), MaxBlock+1))
	if err != nil {
		return nil, fmt.Errorf("%w: unpack deflate: %w", avro.ErrValue, err)
	}
	if len(block) > MaxBlock {
		return nil, fmt.Errorf("%w: unpack deflate: %w", avro.ErrValue, errBlock)
	}
	return block, nil
}

var errBlock = fmt.Errorf("a block of more than %d MiB", MaxBlock>>20)

// maxRatio is more than snappy can compress, so a larger length is damage, for
// which no memory is reserved.
const maxRatio = 64

// unpackSnappy checks the checksum that follows the compressed block.
func unpackSnappy(packed []byte) ([]byte, error) {
	body := max(len(packed)-4, 0)
	n, err := snappy.DecodedLen(packed[:body])
	if err == nil && n > maxRatio*body {
		err = snappy.ErrCorrupt
	}
	if err == nil && n > MaxBlock {
		err = errBlock
	}
	var block []byte
	if err == nil {
		block, err = snappy.Decode(nil, packed[:body])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: unpack snappy: %w", avro.ErrValue, err)
	}
	if binary.BigEndian.Uint32(packed[body:]) != crc32.ChecksumIEEE(block) {
		return nil, fmt.Errorf("%w: unpack snappy: the checksum is wrong: the block is damaged", avro.ErrValue)
	}
	return block, nil
}
