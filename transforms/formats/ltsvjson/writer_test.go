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

// A writer expects the labels of earlier lines, and writes any others all the same.
func TestWriterTakesLabelsInAnyOrder(t *testing.T) {
	e, err := New(&Options{Drop: []string{"user"}, Nulls: []string{"-"}})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"host:h\tuser:u\tx:1", "host:h\tuser:u\tx:-", "host:h\tuser:u", "host:h\tuser:u\tx:1\ty:2", "x:1\thost:h",
		"host:h", "hosts:h\tuser:u\tx:1", "host:a:b\tuser:\tx:\"", "x:1\tx:2", "host:h\tuser:u\tx:1\t", "host:h\tuser", "",
		strings.Repeat("long", longLabel) + ":1"}
	for _, usual := range lines {
		w := NewWriter(e)
		for i := range 5 * patience {
			line := usual
			if i%3 == 2 {
				line = lines[i%len(lines)]
			}
			want, wantErr := e.Append(nil, []byte(line))
			if got, err := w.Record([]byte(line)); string(got) != string(want) || (err == nil) != (wantErr == nil) {
				t.Fatalf("among lines as %.40q Record(%.40q) = %.40s, %v, want %.40s, %v", usual, line, got, err, want, wantErr)
			}
		}
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
