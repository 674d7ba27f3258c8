package avro

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
)

// MaxText is the longest text of a schema that is read, together with the schemas
// that it refers to, in bytes. What a schema registry keeps is shorter than a
// message of Kafka, by default 1 MiB.
const MaxText = 4 << 20

const maxDepth = extent.MaxDepth

var (
	errDepth  = fmt.Errorf("%w: %w", ErrSchema, extent.ErrDepth)
	errExtent = fmt.Errorf("%w: %w", ErrSchema, extent.ErrSize)
)

// checkExtent checks that s is not too large or too deep.
func checkExtent(s *data.Schema) error {
	if err := extent.Check(s); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return nil
}
