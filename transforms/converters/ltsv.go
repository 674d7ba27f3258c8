package converters

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsvdata"
)

// LTSVClass is the name the LtsvConverter is configured by.
const LTSVClass = "suiro.LtsvConverter"

const keyReplacement = "ltsv.replacement"

// LTSVDef returns the keys of the LtsvConverter.
func LTSVDef() *config.Def {
	return config.New(ltsvdata.Keys()...).With(
		config.Key{Name: keyReplacement, Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("one character", validReplacement),
			Doc:   "Character written for one that LTSV forbids, blank for a blank; empty rejects the record."})
}

func validReplacement(v any) error {
	if s := fmt.Sprint(v); s != "" && s != "blank" && (len(s) != 1 || s[0] < ' ' || s[0] > '~') {
		return errors.New("want one printable ASCII character, or blank")
	}
	return nil
}

// LTSVPlugin returns the LtsvConverter as a worker loads it.
func LTSVPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: LTSVClass, Def: LTSVDef(), Validate: ltsvdata.Check,
			Doc: "Labelled tab-separated values, as web servers log them, with a type for each label."},
		New: func(c config.Values, _ bool) (connect.Converter, error) { return NewLTSV(c) },
	}
}

var _ connect.Converter = (*LTSV)(nil)

// LTSV converts messages that are one LTSV record. It may be shared by
// goroutines.
type LTSV struct{ codec *ltsvdata.Codec }

// NewLTSV returns a converter of the values of [LTSVDef].
func NewLTSV(v config.Values) (*LTSV, error) {
	if errs := ltsvdata.Check(v); len(errs) > 0 {
		return nil, errs
	}
	o, err := ltsvdata.FromValues(v)
	if err != nil {
		return nil, err
	}
	switch text := v.String(keyReplacement); text {
	case "":
	case "blank":
		o.Replacement = ' '
	default:
		o.Replacement = text[0]
	}
	codec, err := ltsvdata.New(o)
	if err != nil {
		return nil, err
	}
	return &LTSV{codec: codec}, nil
}

// Format is empty: no sink takes LTSV as it is.
func (c *LTSV) Format() string { return "" }

// FromConnect encodes a struct or a map with string keys as one record without
// a line end. Null is null in Kafka.
func (c *LTSV) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	raw, err := c.codec.Append([]byte{}, schema, value) // a record without fields is not null
	if err != nil {
		return nil, fmt.Errorf("encode ltsv for topic %s: %w", topic, err)
	}
	return raw, nil
}

// ToConnect decodes the one record of a message. Null in Kafka is null.
func (c *LTSV) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	m, err := c.codec.Decode(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("decode ltsv of topic %s: %w", topic, err)
	}
	return c.codec.Schema(), m, nil
}
