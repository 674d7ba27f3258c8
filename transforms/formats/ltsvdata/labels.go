package ltsvdata

import (
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// label is what the options say of a label.
type label struct {
	typ    ltsv.Type
	cookie bool
	drop   bool
}

// labels are all that the options say of labels.
type labels struct {
	named map[string]label
	other label // of each label that is not named
}

func newLabels(o *ltsvjson.Options) labels {
	all := labels{named: map[string]label{}, other: label{drop: len(o.Keep) > 0}}
	change := func(name string, f func(*label)) {
		l := all.of([]byte(name))
		f(&l)
		all.named[name] = l
	}
	for name, t := range o.Types {
		change(name, func(l *label) { l.typ = t })
	}
	for _, name := range o.Cookies {
		change(name, func(l *label) { l.cookie = true })
	}
	for _, name := range o.Keep {
		change(name, func(l *label) { l.drop = false })
	}
	for _, name := range o.Drop {
		change(name, func(l *label) { l.drop = true })
	}
	return all
}

// of returns what is known of the label of that name. It takes bytes so that
// reading a record makes no string of each label.
func (l *labels) of(name []byte) label {
	if known, ok := l.named[string(name)]; ok {
		return known
	}
	return l.other
}

// schema returns the schema of a record of the labels in keep, of which each is a
// field once.
func (l *labels) schema(name string, keep []string) *data.Schema {
	s := &data.Schema{Kind: data.Struct, Name: name}
	for _, field := range keep {
		if s.Field(field) != nil {
			continue
		}
		s.Fields = append(s.Fields, data.Field{Name: field, Schema: l.of([]byte(field)).schema()})
	}
	return s
}

// schema returns the schema of the values of the label.
func (l label) schema() *data.Schema {
	if l.cookie {
		text := &data.Schema{Kind: data.String}
		return &data.Schema{Kind: data.Map, Optional: true, Key: text, Elem: text}
	}
	s := &data.Schema{Kind: kinds[l.typ.Kind()], Optional: true}
	if l.typ.Kind() == ltsv.Time {
		s.Name, s.Version = data.TimestampName, 1
	}
	return s
}

var kinds = map[ltsv.Kind]data.Kind{
	ltsv.String: data.String, ltsv.Int: data.Int64, ltsv.Float: data.Float64,
	ltsv.Bool: data.Boolean, ltsv.Time: data.Int64,
}
