package converters

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsvdata"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// LTSVClass is the name the LtsvConverter is configured by.
const LTSVClass = "suiro.LtsvConverter"

const (
	keyName        = "ltsv.schema.name"
	keyReplacement = "ltsv.replacement"
)

// LTSVDef returns the keys of the LtsvConverter.
func LTSVDef() *config.Def {
	return config.New(
		config.Key{Name: keySchemas, Type: config.Boolean, Default: false,
			Doc: "Whether data has a schema, of the labels of ltsv.keep."},
		config.Key{Name: keyName, Type: config.String, Default: "suiro.Ltsv", Importance: config.Low,
			Doc: "Name of the schema."},
		config.Key{Name: keyReplacement, Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("one character", validReplacement),
			Doc:   "Character written for one that LTSV forbids, blank for a blank; empty rejects the record."},
	).With(ltsvjson.Keys()...)
}

func validReplacement(v any) error {
	if s := fmt.Sprint(v); s != "" && s != "blank" && (len(s) != 1 || s[0] < ' ' || s[0] > '~') {
		return errors.New("want one printable ASCII character, or blank")
	}
	return nil
}

// validateLTSV checks what concerns several keys.
func validateLTSV(c config.Values) config.Errors {
	var errs config.Errors
	if c.Bool(keySchemas) && len(c.List("ltsv.keep")) == 0 {
		errs = append(errs, config.Errorf("ltsv.keep", "", "list the labels of the schema, because %s is true", keySchemas))
	}
	if o, err := ltsvjson.FromValues(c); err == nil {
		if _, err := ltsvjson.New(o); err != nil {
			errs = append(errs, config.Errorf("ltsv.keep", strings.Join(c.List("ltsv.keep"), ","), "%v", err))
		}
	}
	return errs
}

// LTSVPlugin returns the LtsvConverter as a worker loads it.
func LTSVPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: LTSVClass, Def: LTSVDef(), Validate: validateLTSV,
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
	if errs := validateLTSV(v); len(errs) > 0 {
		return nil, errs
	}
	read, err := ltsvjson.FromValues(v)
	if err != nil {
		return nil, err
	}
	o := ltsvdata.Options{Options: *read, Schema: v.Bool(keySchemas), Name: v.String(keyName)}
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
