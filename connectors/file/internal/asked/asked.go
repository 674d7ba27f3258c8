// Package asked says whether a file source can continue from offsets that an operator
// asks for.
package asked

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
)

// Check refuses offsets in the words of Kafka Connect's connector, and those that parse
// refuses. Whatever is kept may be forgotten.
func Check(offsets []connect.SourceOffset, parse func(offset map[string]any) error) error {
	for _, o := range offsets {
		if o.Offset == nil {
			continue
		}
		if err := checkPosition(o.Offset); err != nil {
			return err
		}
		if err := parse(o.Offset); err != nil {
			return fmt.Errorf("the offset is not one of this connector: %w", err)
		}
		if _, ok := o.Partition["filename"]; !ok {
			return errors.New("Partition objects should contain the key 'filename'")
		}
	}
	return nil
}

func checkPosition(offset map[string]any) error {
	value, ok := offset["position"]
	if !ok {
		return errors.New("Offset objects should either be null or contain the key 'position'")
	}
	position, ok := value.(int64)
	switch {
	case !ok:
		return errors.New("The value for the 'position' key in the offset is expected to be a Long value")
	case position < 0:
		return errors.New("The value for the 'position' key in the offset should be a non-negative value")
	}
	return nil
}
