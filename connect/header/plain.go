package header

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var (
	_ connect.HeaderConverter = String{}
	_ connect.HeaderConverter = Bytes{}
)

// String is Kafka Connect's StringConverter for headers: a value is its text.
// Bytes that are not UTF-8 are read as bytes, so that writing them again loses
// nothing.
type String struct{}

// FromConnectHeader returns the text of a value.
func (String) FromConnectHeader(_, key string, _ *data.Schema, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("header %s: %w", key, err)
	}
	return text, nil
}

// ToConnectHeader returns the text that the bytes are.
func (String) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	switch {
	case raw == nil:
		return nil, nil, nil
	case !utf8.Valid(raw):
		return nil, raw, nil
	}
	return nil, string(raw), nil
}

// Bytes is Kafka Connect's ByteArrayConverter for headers: a value is bytes.
type Bytes struct{}

// FromConnectHeader returns the value, which must be bytes or null.
func (Bytes) FromConnectHeader(topic, key string, s *data.Schema, value any) ([]byte, error) {
	return String{}.FromConnectHeader(topic, key, s, value)
}

// ToConnectHeader returns the bytes themselves.
func (Bytes) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	return nil, raw, nil
}
