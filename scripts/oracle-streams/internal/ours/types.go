package ours

import (
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/serdes"
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
	return kind[window]{serdes.TimeWindowed(streams.Bytes(), time.Duration(size)*time.Millisecond), windowText}
}

// sessionKind has the bytes of Kafka Streams' SessionWindowedSerde.
var sessionKind = kind[window]{serdes.SessionWindowed(streams.Bytes()), windowText}

func windowText(w window) *string {
	return ptr(fmt.Sprintf("%s@%d/%d", w.Key, w.Start.UnixMilli(), w.End.UnixMilli()))
}
