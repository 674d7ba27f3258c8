package splitting

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Splitter = (*Split)(nil)

// Split makes a record of each element of a list, with the key, timestamp and headers of
// the record that has the list.
type Split struct {
	path    smt.Path           // of the list, nil when it is the whole value
	place   smt.Tree[struct{}] // the path, as a tree
	others  bool
	most    int
	schemas smt.Schemas
}

// SplitConfig is the configuration of a [Split].
type SplitConfig struct {
	// Field has the list; empty means that the whole value is one.
	Field string `config:"field"`
	// KeepOthers gives each record the fields beside the list, with the element in the
	// place of the list; without it, the element is the whole value.
	KeepOthers bool `config:"keep.others"`
	// MaxRecords is how many elements a list may have.
	MaxRecords int `config:"max.records"`
	// Syntax is V1 or V2; in V2 Field is a path, and empty means V1.
	Syntax string `config:"field.syntax.version"`
}

// SplitPlugin describes Split as a worker loads it.
func SplitPlugin() connect.TransformPlugin {
	p := smt.Plugin("Split", "Makes a record of each element of a list in the value. For sources: a sink does not take "+
		"it.", splitDef(), validateSplit, NewSplit)
	p.Class = "suiro.Split"
	return p
}

func splitDef() *config.Def {
	return config.New(
		config.Key{Name: "field", Type: config.String, Default: "",
			Doc: "The field with the list; empty when the whole value is one. A record whose list is empty, null or not " +
				"there makes none: hold the transform to the others with a predicate, such as RecordMatches with " +
				"len(value.items ?? []) > 0, to pass such records on. What is no list rejects the record."},
		config.Key{Name: "keep.others", Type: config.Boolean, Default: true,
			Doc: "Whether each record has the other fields, too, and the element in the place of the list; otherwise the " +
				"element becomes the whole value."},
		config.Key{Name: "max.records", Type: config.Int, Default: 10_000, Valid: config.AtLeast(1),
			Importance: config.Medium,
			Doc: "How many elements a list may have; a record with more is rejected. All records made of one are in memory " +
				"together."},
		smt.Syntax(),
	)
}

func validateSplit(v config.Values) config.Errors {
	var c SplitConfig
	v.Decode(&c)
	if _, err := c.path(); err != nil {
		return config.Errors{config.Errorf("field", c.Field, "%v", err)}
	}
	return nil
}

// path returns the path of Field, nil for the whole value.
func (c SplitConfig) path() (smt.Path, error) {
	if c.Field == "" {
		return nil, nil
	}
	return smt.ParsePath(c.Field, c.Syntax)
}

// NewSplit returns a Split, or an error about its field.
func NewSplit(c SplitConfig) (*Split, error) {
	path, err := c.path()
	if err != nil {
		return nil, err
	}
	t := &Split{path: path, others: c.KeepOthers, most: c.MaxRecords}
	if path != nil {
		err = t.place.Add(path, struct{}{})
	}
	return t, err
}

var errSeveral = errors.New("the record becomes several")

// Apply is Split for a record that becomes one or none.
func (t *Split) Apply(r *connect.Record) (*connect.Record, error) {
	parts, err := t.Split(r)
	switch {
	case err != nil || len(parts) == 0:
		return nil, err
	case len(parts) > 1:
		return nil, errSeveral
	}
	return parts[0], nil
}

// Split returns a record for each element. A record without a value passes as it is.
func (t *Split) Split(r *connect.Record) ([]*connect.Record, error) {
	if r.Value.IsNull() {
		return []*connect.Record{r}, nil
	}
	out, err := t.split(r)
	if err != nil {
		return nil, fmt.Errorf("split the value of topic %.249s: %w", r.Topic, err)
	}
	return out, nil
}

func (t *Split) split(r *connect.Record) ([]*connect.Record, error) {
	s, v, err := r.Value.Decode()
	if err != nil {
		return nil, err
	}
	fs, list, err := t.list(r, s, v)
	switch {
	case err != nil:
		return nil, err
	case len(list) > t.most:
		return nil, t.inList(fmt.Errorf("the list has %d elements: raise max.records, which is %d, if that is right",
			len(list), t.most))
	}
	out := make([]*connect.Record, len(list))
	for i, item := range list {
		if out[i], err = t.part(r, s, fs, v, item); err != nil {
			return nil, t.inList(fmt.Errorf("element %d: %w", i+1, err))
		}
	}
	return out, nil
}

// list returns the list in a value, and its schema, nil for none.
func (t *Split) list(r *connect.Record, s *data.Schema, v any) (*data.Schema, []any, error) {
	if t.path != nil {
		around, m, err := smt.Value.Fields(r)
		if err == nil {
			v, err = t.path.Get(around, m, false)
		}
		if v == nil || err != nil {
			return nil, nil, err
		}
		s = t.path.Field(around)
	}
	list, ok := v.([]any)
	if !ok || s != nil && s.Kind != data.Array {
		return nil, nil, t.inList(fmt.Errorf("%s is no list", smt.Shape(s, v)))
	}
	return s, list, nil
}

// inList says in which field something is wrong.
func (t *Split) inList(err error) error {
	if t.path == nil {
		return err
	}
	return data.InField(strings.Join(t.path, "."), err)
}

var errNull = errors.New("null as the whole value would be a tombstone: set keep.others=true, or leave nulls out of " +
	"the list")

// part returns the record of one element. s is the schema of the value, and fs that of the
// list.
func (t *Split) part(r *connect.Record, s, fs *data.Schema, v, item any) (*connect.Record, error) {
	if t.path == nil || !t.others {
		if item == nil {
			return nil, errNull
		}
		return smt.Value.Replace(r, elem(fs), item), nil
	}
	m, _ := v.(map[string]any) // as list has found fields in it
	out, err := t.place.Edit(s, m, false, func(struct{}, *data.Schema, any) (any, error) { return item, nil })
	if err != nil {
		return nil, err
	}
	return smt.Value.Replace(r, t.schemas.Of(s, t.schemaOf), out), nil
}

// elem is the schema of an element, nil when the list has none.
func elem(list *data.Schema) *data.Schema {
	if list == nil {
		return nil
	}
	return list.Elem
}

var errNoElement = errors.New("there is no element")

// schemaOf returns the schema of values with an element in the place of the list. A default
// of the whole has no element.
func (t *Split) schemaOf(s *data.Schema) *data.Schema {
	return t.place.Schema(s, func(_ struct{}, list *data.Schema) *data.Schema { return elem(list) },
		func(struct{}, *data.Schema, any) (any, error) { return nil, errNoElement })
}
