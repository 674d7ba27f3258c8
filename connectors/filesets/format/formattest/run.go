// Package formattest holds what every file format promises to the sinks that
// write files. Each format runs [Run].
package formattest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
)

// Case is a record's value and what a file gives back for it.
type Case struct {
	// Value is what is written.
	Value connect.Payload
	// Want is what is read.
	Want any
}

// Run checks a format with values that share one file, at least one, and with
// values that it has to refuse, perhaps none.
func Run(t *testing.T, f format.Format, good []Case, bad []connect.Payload) {
	t.Helper()
	s := suite{f, good, bad}
	for _, codec := range append([]string{""}, f.Codecs()...) {
		t.Run("RoundTrip/"+codec, func(t *testing.T) { s.roundTrip(t, codec) })
	}
	t.Run("AFileWithoutRecordsIsEmpty", s.noRecords)
	t.Run("SizeGrowsToTheLength", s.sizes)
	t.Run("AFileCutShortIsDamaged", s.cutShort)
	t.Run("StorageErrorsStay", s.brokenStorage)
	t.Run("RefusedRecordsTouchNothing", s.refused)
	t.Run("EqualSchemasShareAFile", s.schemas)
	t.Run("IsFoundByItsClass", s.class)
}

type suite struct {
	f    format.Format
	good []Case
	bad  []connect.Payload
}

// rounds is how often the good values are written: enough for several blocks.
const rounds = 1500

// write writes the good values over and over.
func (s suite) write(t *testing.T, o format.Options, rounds int) []byte {
	t.Helper()
	var file bytes.Buffer
	e := s.f.Encoder(10)
	w, err := s.f.Open(&file, s.first(t, e).Schema, o)
	if err != nil {
		t.Fatal(err)
	}
	var scratch []byte
	for range rounds {
		for _, c := range s.good {
			row := encode(t, e, c.Value)
			scratch = append(scratch[:0], row.Bytes...)
			row.Bytes = scratch
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			clear(scratch) // a writer keeps nothing of a row
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.Size(), int64(file.Len()); got != want {
		t.Errorf("Size after Close = %d, want the length of the file, %d", got, want)
	}
	return file.Bytes()
}

func (s suite) first(t *testing.T, e format.Encoder) format.Row {
	t.Helper()
	return encode(t, e, s.good[0].Value)
}

func encode(t *testing.T, e format.Encoder, value connect.Payload) format.Row {
	t.Helper()
	row, err := e.Encode(&value)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func (s suite) roundTrip(t *testing.T, codec string) {
	file := s.write(t, format.Options{Codec: codec, Metadata: map[string]string{"made.by": "suiro"}}, rounds)
	r, err := s.f.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rounds * len(s.good) {
		got, err := r.Next()
		if want := s.good[i%len(s.good)].Want; err != nil || !data.Equal(got, want) {
			t.Fatalf("record %d = %v, %v, want %v", i, got, err, want)
		}
	}
	if v, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last record: %v, %v, want EOF", v, err)
	}
}

func (s suite) noRecords(t *testing.T) {
	r, err := s.f.Read(bytes.NewReader(s.write(t, format.Options{}, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("Next = %v, %v, want EOF", v, err)
	}
}

func (s suite) sizes(t *testing.T) {
	e := s.f.Encoder(10)
	w, err := s.f.Open(io.Discard, s.first(t, e).Schema, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rounds {
		before := w.Size()
		row := encode(t, e, s.good[i%len(s.good)].Value)
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		if w.Size() < before+int64(len(row.Bytes)) {
			t.Fatalf("Size = %d after a record of %d bytes, before it %d", w.Size(), len(row.Bytes), before)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s suite) cutShort(t *testing.T) {
	file := s.write(t, format.Options{}, 2)
	for n := 1; n < len(file); n++ {
		r, err := s.f.Read(bytes.NewReader(file[:n]))
		records := 0
		for ; err == nil; records++ {
			_, err = r.Next()
		}
		// records counts the failing call too
		if errors.Is(err, io.EOF) && records > 2*len(s.good) {
			t.Errorf("%d of %d bytes read as the whole file", n, len(file))
		}
	}
}

// broken is a storage that takes some bytes and no more.
type broken struct{ room int }

var errFull = errors.New("no space left on device")

func (b *broken) Write(p []byte) (int, error) {
	n := min(len(p), b.room)
	b.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (s suite) brokenStorage(t *testing.T) {
	e := s.f.Encoder(10)
	row := s.first(t, e)
	row.Bytes = slices.Clone(row.Bytes)
	whole := len(s.write(t, format.Options{}, 1))
	w, err := s.f.Open(&broken{room: 2 * whole}, row.Schema, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; err == nil && i < 1_000_000; i++ {
		err = w.Write(row)
	}
	for i, err := range []error{err, w.Write(row), w.Close()} {
		if !errors.Is(err, errFull) {
			t.Errorf("call %d on a full storage: %v, want its error", i, err)
		}
	}
}

func (s suite) refused(t *testing.T) {
	e := s.f.Encoder(10)
	want := fmt.Sprintf("%q", s.first(t, e).Bytes)
	for i := range s.bad {
		if row, err := e.Encode(&s.bad[i]); err == nil {
			t.Errorf("bad record %d gives the row %q", i, row.Bytes)
		}
		if got := fmt.Sprintf("%q", s.first(t, e).Bytes); got != want {
			t.Errorf("a good record after bad record %d = %s, want %s", i, got, want)
		}
	}
}

func (s suite) schemas(t *testing.T) {
	e := s.f.Encoder(1)
	schema, v, err := s.good[0].Value.Decode()
	if err != nil {
		t.Fatal(err)
	}
	row := encode(t, e, connect.Decoded(schema, v))
	if row.Schema == nil {
		return // the format has none, so all records share a file
	}
	again := *schema
	if got := encode(t, e, connect.Decoded(schema, v)); got.Schema != row.Schema {
		t.Errorf("the same schema is %p and then %p", row.Schema, got.Schema)
	}
	many := s.f.Encoder(10)
	a, b := encode(t, many, connect.Decoded(schema, v)), encode(t, many, connect.Decoded(&again, v))
	if a.Schema != b.Schema {
		t.Errorf("two schemas that say the same are %p and %p", a.Schema, b.Schema)
	}
	if got := encode(t, e, connect.Decoded(&again, v)); got.Schema.Text != row.Schema.Text {
		t.Errorf("an encoder that remembers one schema gives the text %s, then %s", row.Schema.Text, got.Schema.Text)
	}
}

func (s suite) class(t *testing.T) {
	for _, class := range []string{s.f.Class(), "io.confluent.connect.hdfs.some." + s.f.Class()} {
		if got := format.ByClass(class); got == nil || got.Class() != s.f.Class() {
			t.Errorf("ByClass(%q) = %v, want %s", class, got, s.f.Class())
		}
	}
	if ext := s.f.Ext(); len(ext) < 2 || ext[0] != '.' {
		t.Errorf("Ext() = %q, want a dot and a name", ext)
	}
}
