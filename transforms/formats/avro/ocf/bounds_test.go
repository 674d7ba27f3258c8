package ocf

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/golang/snappy"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

// fileOf returns a file with one block.
func fileOf(schema, codec string, count int64, packed []byte) []byte {
	b := datum.AppendLong([]byte(fileMagic), 2)
	b = datum.AppendBytes(datum.AppendBytes(b, "avro.codec"), codec)
	b = datum.AppendBytes(datum.AppendBytes(b, "avro.schema"), schema)
	b = append(append(b, 0), make([]byte, 16)...)
	b = datum.AppendBytes(datum.AppendLong(b, count), packed)
	return append(b, make([]byte, 16)...)
}

// readAll returns how many records are read, and the error that ends it.
func readAll(file []byte) (n int, err error) {
	r, err := NewReader(bytes.NewReader(file))
	for err == nil {
		if _, err = r.Read(); err == nil {
			n++
		}
	}
	return n, err
}

func TestBlocksThatGrowWithoutEndAreRefused(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	zeros := make([]byte, 1<<20)
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for range 700 { // 700 MiB
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zeros = make([]byte, MaxBlock+1)
	snapped := binary.BigEndian.AppendUint32(snappy.Encode(nil, zeros), 0)
	for name, packed := range map[string][]byte{CodecDeflate: deflated.Bytes(), CodecSnappy: snapped} {
		if n, err := readAll(fileOf(`"bytes"`, name, 1, packed)); !errors.Is(err, avro.ErrValue) {
			t.Errorf("%s: %d records, %v, want an error about the block", name, n, err)
		}
	}
	for name, file := range map[string][]byte{
		"records without bytes": fileOf(`{"type":"record","name":"R","fields":[]}`, "null", 1<<40, nil),
		"a length of 1 TiB":     append(fileOf(`"int"`, "null", 1, []byte{2}), datum.AppendLong([]byte{2}, 1<<40)...),
	} {
		if n, err := readAll(file); !errors.Is(err, avro.ErrValue) || n > 1 {
			t.Errorf("%s: %d records, %v, want an error about the block", name, n, err)
		}
	}
	var honest bytes.Buffer
	file, err := NewWriter(&honest, codec(t, avrotest.Prim(data.String)), &Options{Codec: CodecDeflate})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Write(string(make([]byte, 8<<20))), file.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := readAll(honest.Bytes()); n != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("a record of 8 MiB beside them: %d, %v", n, err)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	const entries = 4_000_000
	header := datum.AppendLong([]byte(fileMagic), entries)
	for i := range entries {
		header = datum.AppendBytes(datum.AppendBytes(header, fmt.Sprintf("%x", i)), "")
	}
	if _, err := NewReader(bytes.NewReader(header)); !errors.Is(err, avro.ErrValue) {
		t.Errorf("a header of %d entries: %v, want an error about it", entries, err)
	}
}
