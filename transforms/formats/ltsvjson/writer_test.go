package ltsvjson

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWriterKeepsWhatItHandedOut(t *testing.T) {
	e, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(e)
	var got [][]byte
	long := strings.Repeat("x", chunkSize)
	for range 3 {
		for _, line := range []string{"a:1", "b:" + long, "c:"} {
			object, err := w.Record([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, append(object, '!')) // must not reach the next object
		}
	}
	for i, object := range got {
		if want := []string{`{"a":"1"}!`, `{"b":"` + long + `"}!`, `{"c":""}!`}[i%3]; string(object) != want {
			t.Errorf("object %d = %.40s, want %.40s", i, object, want)
		}
	}
}

func TestWriterTakesMessagesWhole(t *testing.T) {
	e, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(e)
	got, err := w.Message([]byte("a:1\nb:2\n"))
	if want := `{"a":"1"} {"b":"2"}`; err != nil || string(bytes.Join(got, []byte(" "))) != want {
		t.Errorf("Message = %s, %v, want %s", got, err, want)
	}
	if got, err := w.Message([]byte("a:1\nb\n")); err == nil {
		t.Errorf("Message with a bad record = %s, want an error", got)
	}
	if _, err := w.Message(nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("Message without a record: %v, want %v", err, ErrEmpty)
	}
}

// There is a Writer for each partition. It must not keep what the largest message took.
func TestWriterKeepsLittle(t *testing.T) {
	e, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(e)
	long := "a:" + strings.Repeat("x", 2*keptChunk)
	for name, message := range map[string]string{
		"long lines":     long + "\n" + long,
		"many lines":     strings.Repeat("a:1\n", 10*keptObjects),
		"a damaged line": long + "\tb",
	} {
		_, _ = w.Message([]byte(message))
		if cap(w.chunk) > keptChunk || cap(w.objects) > keptObjects {
			t.Errorf("after a message of %s the Writer keeps %d bytes and %d objects, want at most %d and %d",
				name, cap(w.chunk), cap(w.objects), keptChunk, keptObjects)
		}
	}
}
