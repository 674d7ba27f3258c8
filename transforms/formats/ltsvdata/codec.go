package ltsvdata

import (
	"fmt"
	"sync"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// Options changes what a [Codec] reads and writes.
type Options struct {
	// Options say what is accepted as LTSV and what becomes of each label. Their
	// Times are not used, as a time stays one.
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
	labels    map[string]label
	other     label // of labels the options do not name
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
	c := &Codec{opts: o.Options, labels: map[string]label{}}
	if c.opts.Nulls == nil {
		c.opts.Nulls = ltsv.DefaultNulls()
	}
	c.parser = ltsv.NewParser(&c.opts.Parse)
	c.formatter = ltsv.NewFormatter(&ltsv.FormatOptions{Replacement: o.Replacement})
	c.records.New = func() any { return new(ltsv.Record) }
	c.describe()
	if o.Schema {
		c.schema = c.schemaOf(o.Name)
	}
	return c, nil
}

// Schema returns the schema of what is read, nil when there is none.
func (c *Codec) Schema() *data.Schema { return c.schema }

// label is what is known of a label.
type label struct {
	typ    ltsv.Type
	cookie bool
	drop   bool
}

// describe gathers what the options say of each label.
func (c *Codec) describe() {
	change := func(name string, f func(*label)) {
		l := c.labels[name]
		f(&l)
		c.labels[name] = l
	}
	c.other.drop = len(c.opts.Keep) > 0
	for name, t := range c.opts.Types {
		change(name, func(l *label) { l.typ, l.drop = t, c.other.drop })
	}
	for _, name := range c.opts.Cookies {
		change(name, func(l *label) { l.cookie, l.drop = true, c.other.drop })
	}
	for _, name := range c.opts.Keep {
		change(name, func(l *label) { l.drop = false })
	}
	for _, name := range c.opts.Drop {
		change(name, func(l *label) { l.drop = true })
	}
}

func (c *Codec) schemaOf(name string) *data.Schema {
	s := &data.Schema{Kind: data.Struct, Name: name}
	for _, name := range c.opts.Keep {
		l := c.labels[name]
		fs := &data.Schema{Kind: kinds[l.typ.Kind()], Optional: true}
		if l.typ.Kind() == ltsv.Time {
			fs.Name, fs.Version = data.TimestampName, 1
		}
		if l.cookie {
			text := &data.Schema{Kind: data.String}
			fs = &data.Schema{Kind: data.Map, Optional: true, Key: text, Elem: text}
		}
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: fs})
	}
	return s
}

var kinds = map[ltsv.Kind]data.Kind{
	ltsv.String: data.String, ltsv.Int: data.Int64, ltsv.Float: data.Float64,
	ltsv.Bool: data.Boolean, ltsv.Time: data.Int64,
}
