package workertest

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// The classes of the converters that every worker of this package has besides
// those of its plugins.
const (
	// TextConverter reads UTF-8 text, and writes text as it is and anything else as
	// JSON, like [connecttest.TextOf]. It is the default of keys and values.
	TextConverter = "workertest.Text"
	// JSONConverter is JSON without a schema.
	JSONConverter = "workertest.JSON"
)

func converters() connect.Plugins {
	converter := func(class string, c connect.Converter) connect.ConverterPlugin {
		return connect.ConverterPlugin{Info: connect.Info{Class: class, Version: "test"},
			New: func(config.Values, bool) (connect.Converter, error) { return c, nil }}
	}
	return connect.Plugins{Converters: []connect.ConverterPlugin{
		converter(TextConverter, text{connecttest.Converter{Fmt: connect.FormatString}}),
		converter(JSONConverter, connecttest.Converter{Fmt: connect.FormatJSON}),
		converter(decodedConverter, decoded{connecttest.Converter{Fmt: connect.FormatJSON}})}}
}

// decodedConverter is JSON that a sink cannot pass on as bytes, so that it finds the
// records that cannot be decoded.
const decodedConverter = "workertest.Decoded"

type decoded struct{ connecttest.Converter }

// Format implements [connect.Converter].
func (decoded) Format() string { return "" }

// text is [TextConverter].
type text struct{ connecttest.Converter }

// FromConnect implements [connect.Converter].
func (text) FromConnect(_ string, s *data.Schema, v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	out, err := connecttest.TextOf(connect.Decoded(s, v))
	return []byte(out), err
}
