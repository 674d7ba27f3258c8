package transforms

import (
	"fmt"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/javatime"
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

// TimestampConverter turns times from one form into another: text by a format,
// a number since 1970, and the types Date, Time and Timestamp.
type TimestampConverter struct {
	part      part
	field     string // empty for the whole key or value
	target    string
	layout    string
	precision time.Duration
	defalt    bool
	schemas   schemas
}

var precisions = map[string]time.Duration{
	"seconds": time.Second, "milliseconds": time.Millisecond, "microseconds": time.Microsecond, "nanoseconds": time.Nanosecond,
}

func timestampConverterDef() *config.Def {
	return config.New(
		config.Key{Name: "field", Type: config.String, Default: "", Doc: "The field with the time; empty if it is all there is."},
		config.Key{Name: "target.type", Type: config.String, Required: true,
			Valid: config.OneOf(false, targetString, targetUnix, targetDate, targetTime, targetTimestamp), Doc: "The form wanted."},
		config.Key{Name: "format", Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("pattern of SimpleDateFormat", validPattern),
			Doc:   "Pattern of times that are text, for writing them and for reading them."},
		config.Key{Name: "unix.precision", Type: config.String, Default: "milliseconds", Importance: config.Low,
			Valid: config.OneOf(false, "nanoseconds", "microseconds", "milliseconds", "seconds"),
			Doc:   "What numbers since 1970 count."},
		replaceNull(),
	)
}

func validPattern(v any) error {
	_, err := javatime.Layout(fmt.Sprint(v))
	return err
}

func validateTimestampConverter(c config.Values) config.Errors {
	if c.String("target.type") == targetString && c.String("format") == "" {
		return config.Errors{config.Errorf("format", "", "give the pattern to write times by, because target.type is string")}
	}
	return nil
}

// TimestampConverterPlugins returns TimestampConverter as a worker loads it.
func TimestampConverterPlugins() []connect.TransformPlugin {
	return plugins("TimestampConverter", timestampConverterDef(), validateTimestampConverter,
		func(c config.Values, p part) (connect.Transform, error) {
			if errs := validateTimestampConverter(c); len(errs) > 0 {
				return nil, errs
			}
			layout, err := javatime.Layout(c.String("format"))
			if err != nil {
				return nil, err
			}
			return &TimestampConverter{part: p, field: c.String("field"), target: c.String("target.type"), layout: layout,
				precision: precisions[c.String("unix.precision")], defalt: c.Bool(keyReplaceNull)}, nil
		})
}

// Apply returns r with its time in the target form.
func (t *TimestampConverter) Apply(r *connect.Record) (*connect.Record, error) {
	if t.field == "" {
		s, v, err := t.part.decode(r)
		if err != nil || v == nil && s == nil {
			return r, err
		}
		v, err = t.convert(s, withDefault(s, v, t.defalt))
		if err != nil {
			return nil, err
		}
		return t.part.replace(r, t.schemas.of(s, t.schema), v), nil
	}
	s, m, err := t.part.fields(r)
	if err != nil || m == nil {
		return r, err
	}
	var fs *data.Schema
	if s != nil {
		f := s.Field(t.field)
		if f == nil {
			return r, nil
		}
		fs = f.Schema
	}
	v, err := t.convert(fs, withDefault(fs, m[t.field], t.defalt))
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", t.field, err)
	}
	if _, ok := m[t.field]; !ok && s == nil {
		return r, nil
	}
	out := clone(m)
	out[t.field] = v
	return t.part.replace(r, t.schemas.of(s, t.structSchema), out), nil
}

func (t *TimestampConverter) convert(s *data.Schema, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	at, err := t.read(s, v)
	if err != nil {
		return nil, err
	}
	return t.write(at), nil
}

// read tells the form of v by its type, as the types that are times say it.
func (t *TimestampConverter) read(s *data.Schema, v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC(), nil
	case int64:
		return t.fromUnix(v), nil
	case string:
		if t.layout == "" {
			return time.Time{}, fmt.Errorf("time %.40q is text: give its pattern in format", v)
		}
		at, err := time.Parse(t.layout, v)
		if err != nil {
			return time.Time{}, fmt.Errorf("time %.40q does not fit the format", v)
		}
		return at.UTC(), nil
	default:
		return time.Time{}, fmt.Errorf("%s is no time: want text, an INT64, or a Date, Time or Timestamp", shape(s, v))
	}
}

func (t *TimestampConverter) fromUnix(n int64) time.Time {
	per := int64(time.Second / t.precision)
	return time.Unix(n/per, n%per*int64(t.precision)).UTC()
}

func (t *TimestampConverter) write(at time.Time) any {
	year, month, day := at.Date()
	switch t.target {
	case targetString:
		return at.Format(t.layout)
	case targetUnix:
		per := int64(time.Second / t.precision)
		return at.Unix()*per + int64(at.Nanosecond())/int64(t.precision)
	case targetDate:
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	case targetTime:
		return time.Unix(0, 0).UTC().Add(at.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)))
	default:
		return at.Truncate(time.Millisecond)
	}
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
	out := *s
	out.Fields = slices.Clone(s.Fields)
	for i := range out.Fields {
		if out.Fields[i].Name == t.field {
			out.Fields[i].Schema = t.schema(out.Fields[i].Schema)
		}
	}
	return &out
}
