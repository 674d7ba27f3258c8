package ocf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/internal/avrotest"
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
			t.Errorf("%s: written %d of %d bytes, %d records, %d buffered", name, w.Written(), b.Len(), w.Records(), w.Buffered())
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

func TestFileIsReadByGoavroAlone(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, codec(t, avrotest.Prim(data.String)), &Options{Codec: CodecSnappy})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write("a"), w.Flush(), w.Write("b"), w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := goavro.NewOCFReader(&b)
	if err != nil {
		t.Fatal(err)
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
		t.Errorf("goavro reads %v, %v", got, r.Err())
	}
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
	if _, err := NewWriter(io.Discard, codec(t, avrotest.Prim(data.String)), &Options{Codec: "lzo"}); err == nil || !strings.Contains(err.Error(), "want null, deflate or snappy") {
		t.Errorf("codec lzo: %v", err)
	}
}
