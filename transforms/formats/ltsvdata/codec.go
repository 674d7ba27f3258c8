package ltsvdata

import (
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// Options changes what a [Codec] reads and writes.
type Options struct {
	// Options say what is accepted as LTSV and what becomes of each label. Their
	// Times are not used, because a time stays a time.
	ltsvjson.Options
	// Schema says that data is a struct of the labels of Keep, which must not be
	// empty then. Default false: a map without a schema.
	Schema bool
	// Name is the name of the schema. Default "".
	Name string
	// Replacement is written for a byte that LTSV forbids. Default 0: the record
	// is refused.
	Replacement byte
}

// Codec turns LTSV records into Connect's data and back. It may be shared by
// goroutines.
type Codec struct {
	opts      ltsvjson.Options
	parser    *ltsv.Parser
	formatter *ltsv.Formatter
	labels    labels
	schema    *data.Schema
	records   sync.Pool
}

// New compiles o, or reports every contradiction in it.
func New(o Options) (*Codec, error) {
	if _, err := ltsvjson.New(&o.Options); err != nil {
		return nil, err
	}
	if o.Schema && len(o.Keep) == 0 {
		return nil, fmt.Errorf("%w: a schema needs the labels to keep", data.ErrInvalid)
	}
	c := &Codec{opts: o.Options, labels: newLabels(&o.Options)}
	if c.opts.Nulls == nil {
		c.opts.Nulls = ltsv.DefaultNulls()
	}
	c.parser = ltsv.NewParser(&c.opts.Parse)
	c.formatter = ltsv.NewFormatter(&ltsv.FormatOptions{Replacement: o.Replacement})
	c.records.New = func() any { return new(ltsv.Record) }
	if o.Schema {
		c.schema = c.labels.schema(o.Name, o.Keep)
	}
	return c, nil
}

// Schema returns the schema of what is read, nil when there is none.
func (c *Codec) Schema() *data.Schema { return c.schema }

// Append appends a struct, or a map with string keys, as one record without a
// line end. An error is [data.ErrInvalid], or an *[ltsv.Error] where LTSV cannot
// hold the text of a value.
func (c *Codec) Append(dst []byte, schema *data.Schema, value any) ([]byte, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return dst, fmt.Errorf("%w: %s is not a struct, nor a map with string keys", data.ErrInvalid, data.Describe(value))
	}
	start := len(dst)
	for _, field := range order(schema, m) {
		name := field.name
		label := []byte(name)
		l := c.labels.of(label)
		if l.drop {
			continue
		}
		text, null, err := c.format(l, field.schema, m[name])
		if err != nil {
			return dst, fmt.Errorf("label %.80q: %w", name, err)
		}
		if null {
			continue
		}
		if dst, err = c.formatter.AppendField(dst, start, label, text); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// format returns the text of v, or that the field is to be left out.
func (c *Codec) format(l label, s *data.Schema, v any) (text []byte, omit bool, err error) {
	switch v := v.(type) {
	case nil:
		if c.opts.OmitNulls || len(c.opts.Nulls) == 0 {
			return nil, true, nil
		}
		return []byte(c.opts.Nulls[0]), false, nil
	case time.Time:
		if l.typ.Kind() == ltsv.Time {
			return l.typ.AppendTime(nil, v), false, nil
		}
		return v.UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), false, nil
	case map[string]any:
		if l.cookie {
			text, err = header(v)
			return text, false, err
		}
	}
	text, err = textOf(s, v)
	return text, false, err
}
