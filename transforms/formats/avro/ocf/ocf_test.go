package ocf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

func codec(t testing.TB, s *data.Schema) *avro.Codec {
	t.Helper()
	c, err := avro.NewCodec(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFileRoundTrip(t *testing.T) {
	s, value := avrotest.Everything()
	for _, name := range []string{CodecNull, CodecDeflate, CodecSnappy} {
		var b bytes.Buffer
		w, err := NewWriter(&b, codec(t, s), &Options{Codec: name})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := codec(t, s).Append(nil, value)
		if err != nil {
			t.Fatal(err)
		}
		const n = 3000 // several blocks
		for i := range n {
			if i%2 == 0 {
				err = w.Write(value)
			} else {
				err = w.WriteRaw(raw)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Write("no struct"); !errors.Is(err, avro.ErrValue) {
			t.Errorf("%s: Write of a wrong value: %v", name, err)
		}
		if err := errors.Join(w.Close(), w.Close()); err != nil {
			t.Fatal(err)
		}
		if w.Written() != int64(b.Len()) || w.Records() != n || w.Buffered() != 0 {
			t.Errorf("%s: written %d of %d bytes, %d records, %d buffered", name,
				w.Written(), b.Len(), w.Records(), w.Buffered())
		}
		readBack(t, name, b.Bytes(), value, n)
	}
}

func readBack(t *testing.T, name string, file []byte, value any, n int) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if v, err := r.Read(); err != nil || !avrotest.Same(v, value) {
			t.Fatalf("%s: record %d = %v, %v, want %v", name, i, v, err, value)
		}
	}
	if _, err := r.Read(); err != io.EOF {
		t.Errorf("%s: after the last record: %v, want EOF", name, err)
	}
	r, err = NewReader(bytes.NewReader(file[:len(file)-5]))
	for err == nil {
		_, err = r.Read()
	}
	if errors.Is(err, io.EOF) {
		t.Errorf("%s: a file cut short reads as whole", name)
	}
}

// TestGoavroReadsWhatIsWritten, and TestReaderReadsWhatGoavroWrites: whoever
// follows Avro's specification reads the other's files.
func TestGoavroReadsWhatIsWritten(t *testing.T) {
	for _, name := range Codecs() {
		var b bytes.Buffer
		w, err := NewWriter(&b, codec(t, avrotest.Prim(data.String)), &Options{Codec: name,
			Metadata: map[string]string{"made.by": "suiro", "a": ""}})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write("a"), w.Flush(), w.WriteRaw([]byte("\x02b")), w.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := goavro.NewOCFReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.MetaData()["made.by"]); got != "suiro" || r.CompressionName() != name {
			t.Errorf("%s: goavro reads the metadata %q and codec %s", name, got, r.CompressionName())
		}
		var got []any
		for r.Scan() {
			v, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if fmt.Sprint(got) != "[a b]" || r.Err() != nil {
			t.Errorf("%s: goavro reads %v, %v", name, got, r.Err())
		}
		own, err := NewReader(&b)
		if err != nil || string(own.Metadata()["made.by"]) != "suiro" || string(own.Metadata()["avro.codec"]) != name {
			t.Errorf("%s: metadata %q, %v", name, own.Metadata(), err)
		}
	}
	if _, err := NewWriter(io.Discard, codec(t, avrotest.Prim(data.String)),
		&Options{Metadata: map[string]string{"avro.schema": "x"}}); err == nil {
		t.Error("metadata may replace Avro's own")
	}
}

func TestReaderReadsWhatGoavroWrites(t *testing.T) {
	const schema = `{"type":"record","name":"R","fields":[
		{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
		{"name":"micros","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
		{"name":"day","type":{"type":"int","logicalType":"date"}},
		{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
		{"name":"u","type":["null","int","string"]}]}`
	at := time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	in := map[string]any{"at": at, "micros": map[string]any{"long.timestamp-micros": at}, "day": at,
		"price": big.NewRat(156, 100), "u": goavro.Union("string", "x")}
	want := map[string]any{"at": at, "micros": at.UnixMicro(), "day": at.Truncate(24 * time.Hour),
		"price": big.NewRat(156, 100), "u": map[string]any{"int": nil, "string": "x"}}
	for _, name := range Codecs() {
		var b bytes.Buffer
		w, err := goavro.NewOCFWriter(goavro.OCFConfig{W: &b, Schema: schema, CompressionName: name})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // a block each
			if err := w.Append([]any{in, in}); err != nil {
				t.Fatal(err)
			}
		}
		readBack(t, name, b.Bytes(), want, 6)
	}
}

// TestDamagedFilesAreRefused says where a file is damaged.
func TestDamagedFilesAreRefused(t *testing.T) {
	for _, name := range Codecs() {
		var b bytes.Buffer
		w, err := NewWriter(&b, codec(t, avrotest.Prim(data.String)), &Options{Codec: name})
		if err != nil {
			t.Fatal(err)
		}
		header := b.Len()
		if err := errors.Join(w.Write("hello"), w.Close()); err != nil {
			t.Fatal(err)
		}
		body := b.Bytes()[header:]
		huge := datum.AppendLong(nil, 1<<40)
		for what, damaged := range map[string][]byte{
			"a sync marker":          append(bytes.Clone(body[:len(body)-1]), body[len(body)-1]^1),
			"a count below 0":        append([]byte{1}, body[1:]...),
			"a count too high":       append([]byte{4}, body[1:]...),
			"a count too low":        append([]byte{0}, body[1:]...),
			"a length beyond reason": append([]byte{2}, huge...),
			"the contents":           append(append(bytes.Clone(body[:2]), 0xff, 0xff, 0xff), body[5:]...),
		} {
			r, err := NewReader(bytes.NewReader(append(bytes.Clone(b.Bytes()[:header]), damaged...)))
			for err == nil {
				_, err = r.Read()
			}
			if errors.Is(err, io.EOF) {
				t.Errorf("%s: %s is damaged, and the file reads as whole", name, what)
			}
		}
	}
	for text, want := range map[string]string{
		"":                "cut short",
		"PAR1":            "is it an Avro container file?",
		"Obj\x01\x01":     "cut short",
		"Obj\x01\x02\x01": "a length of -1 bytes",
	} {
		if _, err := NewReader(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewReader(%q): %v, want an error with %q", text, err, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, name := range Codecs() {
		var b bytes.Buffer
		w, err := NewWriter(&b, codec(f, avrotest.Prim(data.String)), &Options{Codec: name})
		if err != nil {
			f.Fatal(err)
		}
		if err := errors.Join(w.Write("hello"), w.Write(strings.Repeat("x", 100)), w.Close()); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file))
		for n := 0; err == nil && n < 1000; n++ {
			_, err = r.Read()
		}
	})
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestWriterStaysBroken(t *testing.T) {
	w, err := NewWriter(&failing{after: 1}, codec(t, avrotest.Prim(data.String)), &Options{Codec: CodecNull})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("a"); err != nil {
		t.Fatal(err)
	}
	for i, err := range []error{w.Flush(), w.Write("b"), w.WriteRaw([]byte{0}), w.Close()} {
		if err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("call %d after a failed write: %v", i, err)
		}
	}
	_, err = NewWriter(io.Discard, codec(t, avrotest.Prim(data.String)), &Options{Codec: "lzo"})
	if err == nil || !strings.Contains(err.Error(), "want null, deflate or snappy") {
		t.Errorf("codec lzo: %v", err)
	}
}
