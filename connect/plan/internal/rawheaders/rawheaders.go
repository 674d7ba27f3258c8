// Package rawheaders is the header converter of a worker whose plugins have none.
package rawheaders

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var _ connect.HeaderConverter = Converter{}

// Converter takes the values of headers for bytes, and writes text as such.
type Converter struct{}

// FromConnectHeader implements [connect.HeaderConverter].
func (Converter) FromConnectHeader(topic, key string, s *data.Schema, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []byte:
		return v, nil
	}
	raw, err := data.AppendText(nil, s, value)
	if err != nil {
		return nil, fmt.Errorf("encode header %s for topic %s: %w", key, topic, err)
	}
	return raw, nil
}

// ToConnectHeader implements [connect.HeaderConverter].
func (Converter) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	return nil, raw, nil
}
