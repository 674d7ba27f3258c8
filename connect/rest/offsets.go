package rest

import (
	"encoding/json"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/rest/internal/object"
)

func getOffsets(c *call) (answer, error) { return found(c.Offsets(c.ctx, c.path("c"))) }

// patchOffsets changes some offsets of a connector that is stopped.
func patchOffsets(c *call) (answer, error) {
	changes, err := readOffsets(c)
	if err != nil {
		return answer{}, err
	}
	return found(c.AlterOffsets(c.ctx, c.path("c"), changes))
}

func deleteOffsets(c *call) (answer, error) { return found(c.ResetOffsets(c.ctx, c.path("c"))) }

// readOffsets reads the offsets in the body. A list that is missing or null is empty, which
// the herder refuses.
func readOffsets(c *call) (out api.ConnectorOffsets, err error) {
	fields, err := c.fields("offsets")
	if err != nil {
		return out, err
	}
	out.Offsets, err = offsetsOf("offsets", fields["offsets"])
	return out, err
}

// offsetsOf reads a list of offsets from the field of a body; nil is a list that is
// missing or null.
func offsetsOf(field string, raw json.RawMessage) (out []api.ConnectorOffset, err error) {
	var all []object.Object
	if err := readMember(field, "a list of objects with a partition and an offset", raw, &all); err != nil {
		return nil, err
	}
	if all != nil {
		out = []api.ConnectorOffset{} // an empty list is not none
	}
	for i, each := range all {
		if err := each.Only("partition", "offset"); err != nil {
			return nil, herder.Errorf(herder.ErrInvalid, "element %d of %s: %v", i, field, err)
		}
		if each["offset"] == nil {
			return nil, herder.Errorf(herder.ErrInvalid, "element %d of %s has no offset: write null to forget the one of "+
				"this partition", i, field)
		}
		var one api.ConnectorOffset
		for name, into := range map[string]*api.Position{"partition": &one.Partition, "offset": &one.Offset} {
			if err := json.Unmarshal(orNull(each[name]), into); err != nil {
				return nil, herder.Errorf(herder.ErrInvalid, "%s in element %d of %s must be an object", name, i, field)
			}
		}
		out = append(out, one)
	}
	return out, nil
}
