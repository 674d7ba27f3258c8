package avro

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/golang/snappy"
	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
)

// The codecs of a container file, by Avro's names.
const (
	CodecNull    = "null"
	CodecDeflate = "deflate"
	CodecSnappy  = "snappy"
)

// blockBytes is the size from which a block is written, as Java's Avro has it.
const blockBytes = 64_000

// FileWriter writes an Avro object container file. It is not safe for
// concurrent use. The framing is written here and not by goavro, whose writer
// takes no encoded data: records that are Avro already go into the file as
// they came.
type FileWriter struct {
	w       io.Writer
	codec   *Codec
	packer  packer
	sync    [16]byte
	block   []byte
	count   int64 // records in block
	out     []byte
	records int64
	written int64
	err     error // of w, after which the file is lost
}

// NewFileWriter writes the header of a container file of values of schema to
// w. codec is one of the Codec constants.
func NewFileWriter(w io.Writer, schema *data.Schema, codec string) (*FileWriter, error) {
	c, err := NewCodec(schema)
	if err != nil {
		return nil, err
	}
	return NewCodecFileWriter(w, c, codec)
}

// NewCodecFileWriter is NewFileWriter for a schema that is compiled already,
// and keeps the text it was read from.
func NewCodecFileWriter(w io.Writer, c *Codec, codec string) (*FileWriter, error) {
	f := &FileWriter{w: w, codec: c}
	switch codec {
	case CodecNull:
		f.packer = packNull{}
	case CodecDeflate:
		f.packer = &packDeflate{}
	case CodecSnappy:
		f.packer = packSnappy{}
	default:
		return nil, fmt.Errorf("avro file: codec %q: want null, deflate or snappy", codec)
	}
	if _, err := rand.Read(f.sync[:]); err != nil {
		return nil, fmt.Errorf("avro file: sync marker: %w", err)
	}
	return f, f.send(f.header(codec))
}

// header is
//
//	"Obj" 1 | map: avro.codec, avro.schema | sync marker of 16 bytes
func (f *FileWriter) header(codec string) []byte {
	b := []byte("Obj\x01")
	b = appendLong(b, 2)
	b = appendBytes(appendBytes(b, "avro.codec"), codec)
	b = appendBytes(appendBytes(b, "avro.schema"), f.codec.Text())
	b = append(b, 0)
	return append(b, f.sync[:]...)
}

// Write adds value, which is left out whole when it does not fit the schema.
func (f *FileWriter) Write(value any) error {
	if f.err != nil {
		return f.err
	}
	block, err := f.codec.Append(f.block, value)
	if err != nil {
		return err
	}
	return f.add(block)
}

// WriteRaw adds a datum that was encoded with the very schema of the file. It
// is not looked into.
func (f *FileWriter) WriteRaw(datum []byte) error {
	if f.err != nil {
		return f.err
	}
	return f.add(append(f.block, datum...))
}

func (f *FileWriter) add(block []byte) error {
	f.block = block
	f.count++
	f.records++
	if len(f.block) < blockBytes {
		return nil
	}
	return f.Flush()
}

// Flush writes the records not written yet as a block:
//
//	records | bytes | records packed by the codec | sync marker
func (f *FileWriter) Flush() error {
	if f.err != nil || f.count == 0 {
		return f.err
	}
	packed, err := f.packer.pack(f.block)
	if err != nil {
		return fmt.Errorf("avro file: pack block: %w", err)
	}
	f.out = appendLong(f.out[:0], f.count)
	f.out = appendBytes(f.out, packed)
	f.out = append(f.out, f.sync[:]...)
	f.block, f.count = f.block[:0], 0
	return f.send(f.out)
}

// Close flushes. The writer given to New stays open.
func (f *FileWriter) Close() error { return f.Flush() }

// Written returns the bytes given to the writer so far, the header included.
func (f *FileWriter) Written() int64 { return f.written }

// Buffered returns the bytes of records waiting for Flush, before packing.
func (f *FileWriter) Buffered() int { return len(f.block) }

// Records returns the number of records written and buffered.
func (f *FileWriter) Records() int64 { return f.records }

func (f *FileWriter) send(b []byte) error {
	n, err := f.w.Write(b)
	f.written += int64(n)
	if err != nil {
		f.err = fmt.Errorf("avro file: write %d bytes: %w", len(b), err)
	}
	return f.err
}

// packer compresses a block. The result is valid until the next call.
type packer interface {
	pack(block []byte) ([]byte, error)
}

type packNull struct{}

func (packNull) pack(block []byte) ([]byte, error) { return block, nil }

type packDeflate struct {
	buf bytes.Buffer
	w   *flate.Writer
}

func (p *packDeflate) pack(block []byte) ([]byte, error) {
	p.buf.Reset()
	if p.w == nil {
		w, err := flate.NewWriter(&p.buf, flate.DefaultCompression)
		if err != nil {
			return nil, err
		}
		p.w = w
	} else {
		p.w.Reset(&p.buf)
	}
	if _, err := p.w.Write(block); err != nil {
		return nil, err
	}
	err := p.w.Close()
	return p.buf.Bytes(), err
}

type packSnappy struct{}

// pack appends the checksum of the unpacked block, as Avro asks for.
func (packSnappy) pack(block []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(snappy.Encode(nil, block), crc32.ChecksumIEEE(block)), nil
}

// FileReader reads an Avro object container file. It is not safe for
// concurrent use.
type FileReader struct {
	r     *goavro.OCFReader
	codec *Codec
}

// NewFileReader reads the header of a container file.
func NewFileReader(r io.Reader) (*FileReader, error) {
	ocf, err := goavro.NewOCFReader(r)
	if err != nil {
		return nil, fmt.Errorf("avro file: read header: %w", err)
	}
	text := ocf.MetaData()["avro.schema"]
	c, err := ParseCodec(text)
	if err != nil {
		return nil, err
	}
	return &FileReader{r: ocf, codec: c}, nil
}

// Codec returns the codec of the file's schema.
func (f *FileReader) Codec() *Codec { return f.codec }

// Read returns the next value, and io.EOF after the last. A file that is cut
// short or damaged is another error.
func (f *FileReader) Read() (any, error) {
	if !f.r.Scan() {
		if err := f.r.Err(); err != nil {
			return nil, fmt.Errorf("avro file: read block: %w", err)
		}
		return nil, io.EOF
	}
	native, err := f.r.Read()
	if err != nil {
		return nil, fmt.Errorf("avro file: read record: %w", err)
	}
	return f.codec.root.fromNative(native)
}
