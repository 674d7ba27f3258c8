package shop

import (
	"encoding/hex"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// HexPlugin describes Hex as a worker loads it. It has no keys.
func HexPlugin() connect.HeaderConverterPlugin {
	return connect.HeaderConverterPlugin{
		Info: connect.Info{Class: "example.HexHeaderConverter", Version: version,
			Doc: "Headers are bytes in Kafka and hexadecimal text in between."},
		New: func(config.Values) (connect.HeaderConverter, error) { return Hex{}, nil },
	}
}

// Hex shows the bytes of headers as hexadecimal text.
type Hex struct{}

// ToConnectHeader returns the bytes as text.
func (Hex) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	return nil, hex.EncodeToString(raw), nil
}

// FromConnectHeader returns the bytes of a text.
func (Hex) FromConnectHeader(_, _ string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	text, err := data.Text(schema, value)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}
