package transforms

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/javatime"
	"github.com/suiro/suiro/transforms/internal/smt"
)

// The target types of TimestampConverter.
const (
	targetString    = "string"
	targetUnix      = "unix"
	targetDate      = "Date"
	targetTime      = "Time"
	targetTimestamp = "Timestamp"
)

var _ connect.Transform = (*TimestampConverter)(nil)

// TimestampConverter turns times from one form into another: text by a pattern,
// a number since 1970, and the types Date, Time and Timestamp.
type TimestampConverter struct {
	part        Part
	fields      *smt.Tree[struct{}] // nil for the whole key or value
	target      string
	format      *javatime.Format // nil without a pattern
	unit        time.Duration
	replaceNull bool
	schemas     smt.Schemas
}

// TimestampConverterConfig is the configuration of a [TimestampConverter].
type TimestampConverterConfig struct {
	// Field is the field with the time; empty for the whole key or value.
	Field string `config:"field"`
	// Syntax is V1 or V2; in V2 Field is a path, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// TargetType is string, unix, Date, Time or Timestamp.
	TargetType string `config:"target.type"`
	// Format is a pattern of SimpleDateFormat for times that are text.
	Format string `config:"format"`
	// UnixPrecision is what numbers count: seconds, milliseconds, microseconds or
	// nanoseconds.
	UnixPrecision string `config:"unix.precision"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// TimestampConverterKeyPlugin describes TimestampConverter on keys as a worker
// loads it.
func TimestampConverterKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("TimestampConverter$Key",
		"Converts a key or a field of it between text, epoch and Connect's times.",
		timestampConverterDef(), validateTimestampConverter,
		smt.On(Key, NewTimestampConverter))
}

// TimestampConverterValuePlugin describes TimestampConverter on values as a
// worker loads it.
func TimestampConverterValuePlugin() connect.TransformPlugin {
	return smt.Plugin("TimestampConverter$Value",
		"Converts a value or a field of it between text, epoch and Connect's times.",
		timestampConverterDef(), validateTimestampConverter,
		smt.On(Value, NewTimestampConverter))
}

func timestampConverterDef() *config.Def {
	return config.New(
		config.Key{Name: "field", Type: config.String, Default: "",
			Doc: "The field with the time; empty for the whole key or value."},
		config.Key{Name: "target.type", Type: config.String, Required: true,
			Valid: config.OneOf(false, targetString, targetUnix, targetDate, targetTime, targetTimestamp),
			Doc:   "The form to write."},
		config.Key{Name: "format", Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("pattern of SimpleDateFormat", validPattern),
			Doc:   "Pattern of times that are text, to write and to read them."},
		config.Key{Name: "unix.precision", Type: config.String, Default: "milliseconds", Importance: config.Low,
			Valid: config.OneOf(false, "nanoseconds", "microseconds", "milliseconds", "seconds"),
			Doc:   "What numbers since 1970 count."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
}

func validPattern(v any) error {
	_, err := javatime.Compile(fmt.Sprint(v))
	return err
}

func validateTimestampConverter(v config.Values) config.Errors {
	var c TimestampConverterConfig
	v.Decode(&c)
	return c.check()
}

// check applies the rules over several keys.
func (c TimestampConverterConfig) check() config.Errors {
	if c.TargetType == targetString && c.Format == "" {
		return config.Errors{config.Errorf("format", "", "give the pattern to write times by, because target.type is string")}
	}
	if _, err := c.fields(); err != nil {
		return config.Errors{config.Errorf("field", c.Field, "%v", err)}
	}
	return nil
}

// fields returns the field, nil for the whole key or value.
func (c TimestampConverterConfig) fields() (*smt.Tree[struct{}], error) {
	if c.Field == "" {
		return nil, nil
	}
	path, err := smt.ParsePath(c.Field, c.Syntax)
	if err != nil {
		return nil, err
	}
	tree := &smt.Tree[struct{}]{}
	return tree, tree.Add(path, struct{}{})
}

var errTarget = errors.New("target.type: want string, unix, Date, Time or Timestamp")

// NewTimestampConverter returns a TimestampConverter, or an error about what is
// missing or cannot be read in c.
func NewTimestampConverter(p Part, c TimestampConverterConfig) (*TimestampConverter, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	t := &TimestampConverter{part: p, fields: fields, target: c.TargetType, replaceNull: c.ReplaceNull}
	switch c.TargetType {
	case targetString, targetUnix, targetDate, targetTime, targetTimestamp:
	default:
		return nil, errTarget
	}
	switch c.UnixPrecision {
	case "seconds":
		t.unit = time.Second
	case "microseconds":
		t.unit = time.Microsecond
	case "nanoseconds":
		t.unit = time.Nanosecond
	default:
		t.unit = time.Millisecond
	}
	if c.Format == "" {
		return t, nil
	}
	t.format, err = javatime.Compile(c.Format)
	return t, err
}

// Apply returns r with its time in the target form.
func (t *TimestampConverter) Apply(r *connect.Record) (*connect.Record, error) {
	if t.fields == nil {
		return t.applyWhole(r)
	}
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := t.fields.Edit(s, m, t.replaceNull, t.convertField)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, t.schemas.Of(s, t.structSchema), out), nil
}

func (t *TimestampConverter) applyWhole(r *connect.Record) (*connect.Record, error) {
	s, v, err := t.part.Decode(r)
	if err != nil || v == nil && s == nil {
		return r, err
	}
	v, err = t.convert(s, smt.WithDefault(s, v, t.replaceNull))
	if err != nil {
		return nil, fmt.Errorf("%s of topic %s: %w", t.part, r.Topic, err)
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), v), nil
}

func (t *TimestampConverter) convertField(_ struct{}, s *data.Schema, v any) (any, error) {
	return t.convert(s, v)
}

func (t *TimestampConverter) convert(s *data.Schema, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	at, err := t.read(s, v)
	if err != nil {
		return nil, err
	}
	return t.write(at)
}

// read returns the time that v stands for; the type of v says in which form.
func (t *TimestampConverter) read(s *data.Schema, v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC(), nil
	case int64:
		per := int64(time.Second / t.unit)
		return time.Unix(v/per, v%per*int64(t.unit)).UTC(), nil
	case string:
		if t.format == nil {
			return time.Time{}, fmt.Errorf("time %.40q is text: give its pattern in format", v)
		}
		return t.format.Parse(v)
	default:
		return time.Time{}, fmt.Errorf("%s is not a time: want text, an INT64, or a Date, Time or Timestamp", smt.Shape(s, v))
	}
}

var errRange = errors.New("the time is too far from 1970 for the target type")

// fits reports whether 64 bits hold at in a unit. Every time.Time fits in seconds.
func fits(at time.Time, unit time.Duration) bool {
	if unit == time.Second {
		return true
	}
	per := int64(time.Second / unit)
	first := time.Unix(math.MinInt64/per, math.MinInt64%per*int64(unit))
	last := time.Unix(math.MaxInt64/per, math.MaxInt64%per*int64(unit)).Add(unit - 1)
	return !at.Before(first) && !at.After(last)
}

func (t *TimestampConverter) write(at time.Time) (any, error) {
	if t.target == targetUnix {
		if !fits(at, t.unit) {
			return nil, errRange
		}
		per := int64(time.Second / t.unit)
		return at.Unix()*per + int64(at.Nanosecond())/int64(t.unit), nil
	}
	if !fits(at, time.Millisecond) {
		return nil, errRange
	}
	midnight := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	switch t.target {
	case targetString:
		return string(t.format.Append(nil, at)), nil
	case targetDate:
		if !fits(midnight, time.Millisecond) {
			return nil, errRange
		}
		return midnight, nil
	case targetTime:
		return time.Unix(0, 0).UTC().Add(at.Sub(midnight)).Truncate(time.Millisecond), nil
	}
	return at.Truncate(time.Millisecond), nil
}

// schema is that of the target, optional if s is.
func (t *TimestampConverter) schema(s *data.Schema) *data.Schema {
	out := &data.Schema{Optional: s.Optional}
	switch t.target {
	case targetString:
		out.Kind = data.String
	case targetUnix:
		out.Kind = data.Int64
	case targetDate:
		out.Kind, out.Name, out.Version = data.Int32, data.DateName, 1
	case targetTime:
		out.Kind, out.Name, out.Version = data.Int32, data.TimeName, 1
	default:
		out.Kind, out.Name, out.Version = data.Int64, data.TimestampName, 1
	}
	return out
}

func (t *TimestampConverter) structSchema(s *data.Schema) *data.Schema {
	return t.fields.Schema(s, func(_ struct{}, s *data.Schema) *data.Schema { return t.schema(s) }, t.convertField)
}
