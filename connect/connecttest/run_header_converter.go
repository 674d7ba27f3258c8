package connecttest

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// RunHeaderConverter checks what every [connect.HeaderConverter] promises, as
// [RunConverter] does for converters. values are headers that it must bring back
// equal. open returns a new header converter.
func RunHeaderConverter(t *testing.T, open func(t *testing.T) connect.HeaderConverter, values ...Value) {
	t.Helper()
	RunConverter(t, func(t *testing.T) connect.Converter { return ofHeaders{open(t)} }, values...)
}

var _ connect.Converter = ofHeaders{}

// ofHeaders is a header converter as a converter.
type ofHeaders struct{ inner connect.HeaderConverter }

// FromConnect implements [connect.Converter].
func (c ofHeaders) FromConnect(topic string, s *data.Schema, v any) ([]byte, error) {
	return c.inner.FromConnectHeader(topic, "header", s, v)
}

// ToConnect implements [connect.Converter].
func (c ofHeaders) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	return c.inner.ToConnectHeader(topic, "header", raw)
}

// Format implements [connect.Converter].
func (ofHeaders) Format() string { return "" }
