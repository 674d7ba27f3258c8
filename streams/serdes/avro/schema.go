package avro

import (
	"fmt"

	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Schema returns the Serde of Avro's binary form with the schema of that text; a message
// is a datum alone, without the id of a schema. It can read only what was written with
// the same schema.
func Schema(text string) (serdes.Serde[any], error) {
	codec, err := avro.ParseCodec([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("avro serde: %w", err)
	}
	return serdes.New(func(v any) ([]byte, error) { return codec.Append([]byte{}, v) }, codec.Decode), nil
}
