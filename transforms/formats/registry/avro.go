package registry

import (
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Avro returns the format of Avro. Schemas of the registry are read as reading says, and
// a message is a datum.
func Avro(reading avro.Reading) *Format {
	return &Format{
		Name: "Avro", Type: "AVRO", ErrSchema: avro.ErrSchema, ErrValue: avro.ErrValue,
		Hint: "is it Avro without a registry, for schema.file, or another format?",
		Parse: func(text string, references []Reference) (Codec, error) {
			texts := make([][]byte, len(references))
			for i, r := range references {
				texts[i] = []byte(r.Text)
			}
			c, err := reading.ParseCodec([]byte(text), texts...)
			return avroCodec{c}, err
		},
		New: func(s *data.Schema) (Codec, error) {
			c, err := avro.NewCodec(s)
			return avroCodec{c}, err
		},
	}
}

// avroCodec writes any data by its own schema, as a datum has no names.
type avroCodec struct{ *avro.Codec }

// Append implements [Codec].
func (c avroCodec) Append(dst []byte, _ *data.Schema, value any) ([]byte, error) {
	return c.Codec.Append(dst, value)
}

// Decode implements [Codec].
func (c avroCodec) Decode(raw []byte) (*data.Schema, any, error) {
	v, err := c.Codec.Decode(raw)
	if err != nil {
		return nil, nil, err
	}
	return c.Schema(), v, nil
}
