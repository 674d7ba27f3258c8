package plan

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var _ connect.HeaderConverter = rawHeaders{}

// rawHeaders is the header converter of a worker whose plugins have none: the
// values of headers are bytes, and text is written as such.
type rawHeaders struct{}

func (rawHeaders) FromConnectHeader(topic, key string, s *data.Schema, value any) ([]byte, error) {
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

func (rawHeaders) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	return nil, raw, nil
}
