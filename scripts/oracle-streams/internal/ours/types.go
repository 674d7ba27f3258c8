package ours

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/streams"
)

// Keys and values of cases are text, of which nil is null, counts, and keys in windows.
type (
	textual = []byte
	window  = streams.Windowed[textual]
)

// kind is what a stream needs to know of its keys or values.
type kind[T any] struct {
	serde streams.Serde[T]
	text  func(T) *string
}

var textKind = kind[textual]{streams.Bytes(), text}

func text(b textual) *string {
	if b == nil {
		return nil
	}
	return ptr(string(b))
}

// bytes is the other way.
func bytes(s *string) textual {
	if s == nil {
		return nil
	}
	return textual(*s)
}

var longKind = kind[int64]{streams.Int64(), func(n int64) *string { return ptr(strconv.FormatInt(n, 10)) }}

// windowKind has the bytes of Kafka Streams' TimeWindowedSerde.
func windowKind(size int64) kind[window] {
	serialize := func(w window) ([]byte, error) {
		return binary.BigEndian.AppendUint64(append(textual{}, w.Key...), uint64(w.Start.UnixMilli())), nil
	}
	deserialize := func(b []byte) (w window, err error) {
		if len(b) < 8 {
			return w, errors.New("the start of the window is missing")
		}
		start := int64(binary.BigEndian.Uint64(b[len(b)-8:]))
		return window{Key: b[:len(b)-8], Start: time.UnixMilli(start), End: time.UnixMilli(start + size)}, nil
	}
	return kind[window]{streams.NewSerde(serialize, deserialize), func(w window) *string {
		return ptr(fmt.Sprintf("%s@%d/%d", w.Key, w.Start.UnixMilli(), w.End.UnixMilli()))
	}}
}
