package ocf

import (
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/golang/snappy"

	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// The codecs, by their names in Avro.
const (
	CodecNull    = "null"
	CodecDeflate = "deflate"
	CodecSnappy  = "snappy"
)

// fileMagic begins every file.
const fileMagic = "Obj\x01"

// blockBytes is the size at which a block is written, the same as in Java's Avro.
const blockBytes = 64_000

// Writer writes an Avro object container file. One goroutine uses it. After an
// error of the underlying writer every call returns that error.
//
// It does not use goavro, whose writer cannot take records that are encoded
// already.
type Writer struct {
	file    io.Writer
	codec   *avro.Codec
	packer  packer
	sync    [16]byte
	block   []byte
	count   int64 // records in block
	out     []byte
	records int64
	written int64
	err     error // of file, after which the file is lost
}

// Codecs returns the names of the codecs.
func Codecs() []string { return []string{CodecNull, CodecDeflate, CodecSnappy} }

// Options changes how a [Writer] writes. Nil means all defaults.
type Options struct {
	// Codec compresses the blocks; one of the Codec constants. Default: CodecNull.
	Codec string
	// Metadata is added to the header. Names that begin with "avro." are reserved
	// and refused. Default: none.
	Metadata map[string]string
}

// NewWriter returns a writer of values of the schema of c, and writes the header.
// The caller closes w.
func NewWriter(w io.Writer, c *avro.Codec, o *Options) (*Writer, error) {
	if o == nil {
		o = &Options{}
	}
	for name := range o.Metadata {
		if strings.HasPrefix(name, "avro.") {
			return nil, fmt.Errorf("avro file: metadata %q: names that begin with avro. are reserved", name)
		}
	}
	f := &Writer{file: w, codec: c}
	switch o.Codec {
	case CodecNull, "":
		f.packer = packNull{}
	case CodecDeflate:
		f.packer = &packDeflate{}
	case CodecSnappy:
		f.packer = packSnappy{}
	default:
		return nil, fmt.Errorf("avro file: codec %q: want null, deflate or snappy", o.Codec)
	}
	if _, err := rand.Read(f.sync[:]); err != nil {
		return nil, fmt.Errorf("avro file: sync marker: %w", err)
	}
	return f, f.send(f.header(o))
}

// header returns the header; see the package doc.
func (f *Writer) header(o *Options) []byte {
	b := []byte(fileMagic)
	b = datum.AppendLong(b, int64(2+len(o.Metadata)))
	b = datum.AppendBytes(datum.AppendBytes(b, "avro.codec"), cmp.Or(o.Codec, CodecNull))
	b = datum.AppendBytes(datum.AppendBytes(b, "avro.schema"), f.codec.Text())
	for _, name := range slices.Sorted(maps.Keys(o.Metadata)) {
		b = datum.AppendBytes(datum.AppendBytes(b, name), o.Metadata[name])
	}
	b = append(b, 0)
	return append(b, f.sync[:]...)
}

// Write adds a value. A value that does not fit the schema is an [avro.ErrValue]
// and leaves the file as it was.
func (f *Writer) Write(value any) error {
	if f.err != nil {
		return f.err
	}
	block, err := f.codec.Append(f.block, value)
	if err != nil {
		return err
	}
	return f.add(block)
}

// WriteRaw adds a datum that was encoded with the schema of the file, which is not
// checked. encoded is copied.
func (f *Writer) WriteRaw(encoded []byte) error {
	if f.err != nil {
		return f.err
	}
	return f.add(append(f.block, encoded...))
}

func (f *Writer) add(block []byte) error {
	f.block = block
	f.count++
	f.records++
	if len(f.block) < blockBytes {
		return nil
	}
	return f.Flush()
}

// Flush writes the buffered records as a block.
func (f *Writer) Flush() error {
	if f.err != nil || f.count == 0 {
		return f.err
	}
	packed, err := f.packer.pack(f.block)
	if err != nil {
		return fmt.Errorf("avro file: pack block: %w", err)
	}
	f.out = datum.AppendLong(f.out[:0], f.count)
	f.out = datum.AppendBytes(f.out, packed)
	f.out = append(f.out, f.sync[:]...)
	f.block, f.count = f.block[:0], 0
	return f.send(f.out)
}

// Close writes what is buffered. It does not close the underlying writer.
func (f *Writer) Close() error { return f.Flush() }

// Written returns the bytes written so far, including the header.
func (f *Writer) Written() int64 { return f.written }

// Buffered returns the bytes of the buffered records, before compression.
func (f *Writer) Buffered() int { return len(f.block) }

// Records returns the number of records written and buffered.
func (f *Writer) Records() int64 { return f.records }

func (f *Writer) send(b []byte) error {
	n, err := f.file.Write(b)
	f.written += int64(n)
	if err != nil {
		f.err = fmt.Errorf("avro file: write %d bytes: %w", len(b), err)
	}
	return f.err
}

// packer compresses blocks. A result is valid until the next call.
type packer interface {
	pack(block []byte) ([]byte, error)
}

type packNull struct{}

func (packNull) pack(block []byte) ([]byte, error) { return block, nil }

type packDeflate struct {
	buf        bytes.Buffer
	compressor *flate.Writer // nil before the first block
}

func (p *packDeflate) pack(block []byte) ([]byte, error) {
	p.buf.Reset()
	if p.compressor == nil {
		w, err := flate.NewWriter(&p.buf, flate.DefaultCompression)
		if err != nil {
			return nil, err
		}
		p.compressor = w
	} else {
		p.compressor.Reset(&p.buf)
	}
	if _, err := p.compressor.Write(block); err != nil {
		return nil, err
	}
	err := p.compressor.Close()
	return p.buf.Bytes(), err
}

type packSnappy struct{}

// pack appends the checksum of the uncompressed block, which Avro requires.
func (packSnappy) pack(block []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(snappy.Encode(nil, block), crc32.ChecksumIEEE(block)), nil
}
