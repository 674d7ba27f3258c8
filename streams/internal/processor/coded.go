package processor

import (
	"bytes"
	"fmt"
	"time"
)

// coded is what all stores have: a name, and Serdes.
type coded[K, V any] struct {
	name  string
	key   Serde[K]
	value Serde[V]
}

// raw returns the bytes of a key.
func (s *coded[K, V]) raw(key K) ([]byte, error) {
	raw, err := s.key.Serialize(key)
	return raw, s.wrong("encode a key of", err)
}

// encoded returns the bytes of a value, which are not nil: that would delete the key.
func (s *coded[K, V]) encoded(value V) ([]byte, error) {
	data, err := s.value.Serialize(value)
	if data == nil {
		data = []byte{}
	}
	return data, s.wrong("encode the value of", err)
}

// found returns what a store has found, of which nil is nothing.
func (s *coded[K, V]) found(data []byte, err error) (value V, ok bool, _ error) {
	if err != nil || data == nil {
		return value, false, s.wrong("read", err)
	}
	value, err = s.value.Deserialize(data)
	return value, err == nil, s.wrong("decode the value of", err)
}

// entry returns an entry of an iterator, whose bytes change.
func (s *coded[K, V]) entry(rawKey, rawValue []byte) (key K, value V, err error) {
	if key, err = s.key.Deserialize(append([]byte{}, rawKey...)); err != nil {
		return key, value, s.wrong("decode a key of", err)
	}
	value, err = s.entryValue(rawValue)
	return key, value, err
}

func (s *coded[K, V]) entryValue(raw []byte) (V, error) {
	value, err := s.value.Deserialize(append([]byte{}, raw...))
	return value, s.wrong("decode a value of", err)
}

func (s *coded[K, V]) wrong(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s store %s: %w", what, s.name, err)
}

// at is a time in milliseconds as that of a record.
func at(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// owned copies a key that a Serde may have made in memory which it uses again.
func owned(raw []byte, err error) ([]byte, error) { return bytes.Clone(raw), err }
