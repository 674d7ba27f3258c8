package streams_test

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"github.com/suiro/suiro/streams"
)

// through writes v, reads it back and reads null.
func through[T comparable](t *testing.T, name string, s streams.Serde[T], v T, want string) {
	t.Helper()
	b, err := s.Serialize(v)
	if err != nil || string(b) != want {
		t.Errorf("%s: Serialize(%v) = %q, %v, want %q", name, v, b, err, want)
	}
	if got, err := s.Deserialize(b); err != nil || got != v {
		t.Errorf("%s: %v came back as %v, %v", name, v, got, err)
	}
	var zero T
	if got, err := s.Deserialize(nil); err != nil || got != zero {
		t.Errorf("%s: null is read as %v, %v, want the zero value", name, got, err)
	}
}

func TestSerdes(t *testing.T) {
	through(t, "String", streams.String(), "水路", "水路")
	through(t, "Int64", streams.Int64(), 1, "\x00\x00\x00\x00\x00\x00\x00\x01")
	through(t, "Int64", streams.Int64(), math.MinInt64, "\x80\x00\x00\x00\x00\x00\x00\x00")
	through(t, "JSON", streams.JSON[struct{ N int }](), struct{ N int }{7}, `{"N":7}`)
	if _, err := streams.Int64().Deserialize([]byte{}); err == nil {
		t.Error("Int64 reads an empty value, want an error")
	}
	if _, err := streams.JSON[int]().Deserialize([]byte("x")); err == nil {
		t.Error("JSON reads x, want an error")
	}
	for _, want := range [][]byte{nil, {}, []byte("x")} {
		b, err := streams.Bytes().Serialize(want)
		if err != nil || !bytes.Equal(b, want) || (b == nil) != (want == nil) {
			t.Errorf("Bytes: %#v came out as %#v, %v", want, b, err)
		}
	}
}

// FuzzSerdes checks that what a topic or a changelog holds is refused or comes back.
func FuzzSerdes(f *testing.F) {
	f.Add([]byte("12345678"))
	f.Add([]byte(`{"a":[1,null,"x"]}`))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		comesBack(t, streams.Int64(), b)
		comesBack(t, streams.String(), b)
		comesBack(t, streams.Bytes(), b)
		comesBack(t, streams.JSON[any](), b)
	})
}

func comesBack[T any](t *testing.T, s streams.Serde[T], b []byte) {
	t.Helper()
	v, err := s.Deserialize(b)
	if err != nil {
		return
	}
	data, err := s.Serialize(v)
	if err != nil {
		t.Fatalf("%T of %x does not serialize: %v", v, b, err)
	}
	again, err := s.Deserialize(data)
	if err != nil || !reflect.DeepEqual(again, v) {
		t.Errorf("%T: %v came back as %v, %v", v, v, again, err)
	}
}
