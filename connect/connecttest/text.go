package connecttest

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// TextOf returns a key or value as the suites compare it: the bytes from Kafka if
// there are any, else a string or bytes as they are, else JSON.
func TextOf(p connect.Payload) (string, error) {
	if raw := p.Bytes(); raw != nil {
		return string(raw), nil
	}
	s, v, err := p.Decode()
	if err != nil {
		return "", err
	}
	return textOf(s, v)
}

func textOf(s *data.Schema, v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	text, err := data.JSON(s, v)
	return string(text), err
}
