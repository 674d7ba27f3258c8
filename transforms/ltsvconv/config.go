package ltsvconv

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// Class is the name the converter is configured by.
const Class = "suiro.LtsvConverter"

const (
	keySchemas     = "schemas.enable"
	keyName        = "ltsv.schema.name"
	keyReplacement = "ltsv.replacement"
)

// Def returns the keys of the converter.
func Def() *config.Def {
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
		return fmt.Errorf("want one printable ASCII character, or blank")
	}
	return nil
}

// Validate checks what concerns several keys.
func Validate(c config.Values) config.Errors {
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

// Plugin returns the converter as a worker loads it.
func Plugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: Class, Version: "0.1.0", Def: Def(), Validate: Validate},
		New:  func(c config.Values, _ bool) (connect.Converter, error) { return New(c) },
	}
}

// label is what is known of a label.
type label struct {
	typ    ltsv.Type
	cookie bool
	drop   bool
}

// New returns a converter of the values of [Def].
func New(c config.Values) (*Converter, error) {
	if errs := Validate(c); len(errs) > 0 {
		return nil, errs
	}
	o, err := ltsvjson.FromValues(c)
	if err != nil {
		return nil, err
	}
	cv := &Converter{opts: *o, parser: ltsv.NewParser(&o.Parse), labels: map[string]label{}}
	cv.records.New = func() any { return new(ltsv.Record) }
	replacement := c.String(keyReplacement)
	if replacement == "blank" {
		replacement = " "
	}
	if replacement != "" {
		cv.formatter = ltsv.NewFormatter(&ltsv.FormatOptions{Replacement: replacement[0]})
	} else {
		cv.formatter = ltsv.NewFormatter(nil)
	}
	cv.describe()
	if c.Bool(keySchemas) {
		cv.schema = cv.schemaOf(c.String(keyName))
	}
	return cv, nil
}

// describe gathers what the options say of each label.
func (c *Converter) describe() {
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

func (c *Converter) schemaOf(name string) *data.Schema {
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
