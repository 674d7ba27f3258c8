// Package answer asks the plugins of this module what Kafka Connect's classes are
// asked, configured the way its worker does it.
package answer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"io"
	"reflect"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

var (
	errMissing = errors.New("there is no such class")
	errChanged = errors.New("the record given was changed")
)

// answerer answers cases: own keys parsed, unknown ones refused, rules checked.
type answerer struct {
	plugins  connect.Plugins
	made     map[string]any
	stage    string
	plain    connect.Converter
	envelope connect.Converter
}

// All answers the cases of in, a line each.
func All(plugins connect.Plugins, in io.Reader, out io.Writer) error {
	a := &answerer{plugins: plugins, made: map[string]any{}}
	var err error
	if a.plain, err = a.json("false"); err != nil {
		return err
	}
	if a.envelope, err = a.json("true"); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	enc := cases.Encoder(w)
	err = cases.Lines(in, func(line []byte) error {
		var c cases.Case
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		return enc.Encode(a.answer(&c))
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// json returns the converter that reads the data of records.
func (a *answerer) json(schemas string) (connect.Converter, error) {
	return a.converter(&cases.Case{Class: "org.apache.kafka.connect.json.JsonConverter",
		Config: map[string]string{"schemas.enable": schemas}})
}

func (a *answerer) answer(c *cases.Case) (r cases.Answer) {
	r.ID = c.ID
	fail := func(stage string, text string) {
		r.Error = &cases.Failure{Stage: stage, Message: strings.ToValidUTF8(text[:min(len(text), 400)], "")}
	}
	defer func() {
		if p := recover(); p != nil {
			fail("panic", fmt.Sprint(p))
		}
	}()
	a.stage = "config"
	out, err := a.run(c)
	switch {
	case errors.Is(err, errMissing):
		r.Missing = true
	case err != nil:
		fail(a.stage, err.Error())
	default:
		var b bytes.Buffer
		if err := cases.Encoder(&b).Encode(out); err != nil {
			fail("panic", err.Error())
		}
		r.OK = bytes.TrimSpace(b.Bytes())
	}
	return r
}

func (a *answerer) run(c *cases.Case) (any, error) {
	switch c.Kind {
	case "toConnect", "roundtrip", "fromConnect":
		conv, err := a.codec(c)
		if err != nil {
			return nil, err
		}
		return a.convert(c, conv)
	case "predicate":
		p, err := a.predicate(c.Class, c.Config)
		if err != nil {
			return nil, err
		}
		r, err := a.record(c.Record)
		if err != nil {
			return nil, err
		}
		return p.Test(r)
	case "smt":
		return a.smt(c)
	}
	return nil, fmt.Errorf("kind %s", c.Kind)
}

func (a *answerer) convert(c *cases.Case, conv codec) (any, error) {
	var raw []byte
	if c.Bytes != nil && *c.Bytes != nil {
		raw = *c.Bytes
	}
	var s *data.Schema
	var v any
	var err error
	if c.Kind == "fromConnect" {
		a.stage = "input"
		if s, v, err = a.typed(c.Data); err != nil {
			return nil, err
		}
		a.stage = "apply"
	} else {
		a.stage = "apply"
		if s, v, err = conv.ToConnect(c.Topic, raw); err != nil {
			return nil, err
		}
		if c.Kind == "toConnect" {
			return dumpData(s, v), nil
		}
	}
	out, err := conv.FromConnect(c.Topic, s, v)
	if err != nil {
		return nil, err
	}
	if out == nil {
		return map[string]any{"bytes": nil}, nil
	}
	return map[string]any{"bytes": out}, nil
}

func (a *answerer) smt(c *cases.Case) (any, error) {
	t, err := a.transform(c)
	if err != nil {
		return nil, err
	}
	var p connect.Predicate
	if c.Condition != nil {
		if p, err = a.predicate(c.Condition.Class, c.Condition.Config); err != nil {
			return nil, err
		}
	}
	r, err := a.record(c.Record)
	if err != nil {
		return nil, err
	}
	if p != nil {
		holds, err := p.Test(r)
		if err != nil {
			return nil, err
		}
		if holds == c.Condition.Negate {
			return dumpRecord(r)
		}
	}
	before, err := dumpRecord(r)
	if err != nil {
		return nil, err
	}
	out, err := t.Apply(r)
	if err != nil {
		return nil, err
	}
	if after, err := dumpRecord(r); err != nil || !reflect.DeepEqual(after, before) {
		return nil, errChanged
	}
	if out == nil {
		return nil, nil
	}
	if err := a.check(out); err != nil {
		return nil, err
	}
	return dumpRecord(out)
}

// check looks for schemas that a transform must not make.
func (a *answerer) check(r *connect.Record) error {
	for _, part := range []connect.Payload{r.Key, r.Value} {
		schema, _, err := part.Decode()
		if err != nil {
			return err
		}
		if name := twice(schema); name != "" {
			a.stage = "result"
			return fmt.Errorf("the schema made has two fields of one name, %q", name)
		}
	}
	return nil
}

func (a *answerer) transform(c *cases.Case) (connect.Transform, error) {
	for _, p := range a.plugins.Transforms {
		if p.Class == c.Class {
			made, err := a.build(c.Class, p.Info, c.Config, false, func(v config.Values) (any, error) { return p.New(v) })
			if err != nil {
				return nil, err
			}
			return made.(connect.Transform), nil
		}
	}
	return nil, errMissing
}

// twice finds a name that two fields of a struct have.
func twice(s *data.Schema) string {
	if s == nil {
		return ""
	}
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if seen[f.Name] {
			return f.Name
		}
		seen[f.Name] = true
	}
	return ""
}

func (a *answerer) converter(c *cases.Case) (connect.Converter, error) {
	for _, p := range a.plugins.Converters {
		if p.Class == c.Class {
			made, err := a.build(c.Class, p.Info, c.Config, c.IsKey, func(v config.Values) (any,
				error) {
				return p.New(v, c.IsKey)
			})
			if err != nil {
				return nil, err
			}
			return made.(connect.Converter), nil
		}
	}
	return nil, errMissing
}

// codec is what converters of values and of headers have in common.
type codec interface {
	FromConnect(topic string, schema *data.Schema, value any) ([]byte, error)
	ToConnect(topic string, raw []byte) (*data.Schema, any, error)
}

// codec returns the converter or header converter that a case asks.
func (a *answerer) codec(c *cases.Case) (codec, error) {
	if !c.Header {
		return a.converter(c)
	}
	for _, p := range a.plugins.HeaderConverters {
		if p.Class == c.Class {
			made, err := a.build("header "+c.Class, p.Info, c.Config, false,
				func(v config.Values) (any, error) { return p.New(v) })
			if err != nil {
				return nil, err
			}
			return ofHeaders{made.(connect.HeaderConverter)}, nil
		}
	}
	return nil, errMissing
}

// ofHeaders is the codec of a header converter.
type ofHeaders struct{ connect.HeaderConverter }

// FromConnect encodes a value as that of a header.
func (h ofHeaders) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	return h.FromConnectHeader(topic, "h", schema, value)
}

// ToConnect decodes the value of a header.
func (h ofHeaders) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	return h.ToConnectHeader(topic, "h", raw)
}

func (a *answerer) predicate(class string, conf map[string]string) (connect.Predicate, error) {
	a.stage = "config"
	for _, p := range a.plugins.Predicates {
		if p.Class == class {
			made, err := a.build(class, p.Info, conf, false, func(v config.Values) (any, error) { return p.New(v) })
			if err != nil {
				return nil, err
			}
			return made.(connect.Predicate), nil
		}
	}
	return nil, errMissing
}

// build configures a plugin, or finds the one made of the same configuration.
func (a *answerer) build(class string, info connect.Info, conf map[string]string, isKey bool,
	create func(config.Values) (any, error)) (any, error) {
	text, _ := json.Marshal(conf)
	key := fmt.Sprint(class, isKey, string(text))
	if made, ok := a.made[key]; ok {
		return made, nil
	}
	def := info.Def
	if def == nil {
		def = config.New()
	}
	v, err := def.Parse(conf)
	if err != nil {
		return nil, err
	}
	if unknown := def.Unknown(conf); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown configuration %s", strings.Join(unknown, ", "))
	}
	if info.Validate != nil {
		if errs := info.Validate(v); len(errs) > 0 {
			return nil, errs
		}
	}
	made, err := create(v)
	if err != nil {
		return nil, err
	}
	if len(a.made) > 512 {
		clear(a.made)
	}
	a.made[key] = made
	return made, nil
}
