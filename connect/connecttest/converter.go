package connecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var _ connect.Converter = Converter{}

// Converter is a small converter for tests: JSON without a schema for
// [connect.FormatJSON], text for [connect.FormatString], and bytes for any other
// format.
type Converter struct {
	// Fmt is what Format returns, one of the Format constants of connect or "".
	Fmt string
}

// Format implements [connect.Converter].
func (c Converter) Format() string { return c.Fmt }

// FromConnect implements [connect.Converter].
func (c Converter) FromConnect(_ string, _ *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	if c.Fmt == connect.FormatJSON {
		return json.Marshal(value)
	}
	switch v := value.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("cannot write a %T as %s", value, c.Fmt)
}

// ToConnect implements [connect.Converter].
func (c Converter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	switch {
	case raw == nil:
		return nil, nil, nil
	case c.Fmt == connect.FormatString:
		return &data.Schema{Kind: data.String}, string(raw), nil
	case c.Fmt != connect.FormatJSON:
		return &data.Schema{Kind: data.Bytes}, raw, nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, nil, fmt.Errorf("decode json: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, nil, errors.New("decode json: there is more after the value")
	}
	return nil, v, nil
}
