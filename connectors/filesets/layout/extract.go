package layout

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Extractor finds a record's time. value is the record's decoded value. It may be
// used by many goroutines, and an error is about the record.
type Extractor interface {
	Time(r *connect.SinkRecord, value any) (time.Time, error)
}

// Wallclock takes the time of the machine.
type Wallclock struct{}

// Time implements [Extractor].
func (Wallclock) Time(*connect.SinkRecord, any) (time.Time, error) { return time.Now(), nil }

// RecordTime takes the record's Kafka timestamp.
type RecordTime struct{}

// Time implements [Extractor].
func (RecordTime) Time(r *connect.SinkRecord, _ any) (time.Time, error) {
	if r.Timestamp.IsZero() {
		return time.Time{}, errors.New("the record has no timestamp")
	}
	return r.Timestamp, nil
}

// FieldTime takes a field of the value: a Timestamp or Date, epoch
// milliseconds, or ISO 8601 text, which is UTC when it names no zone.
type FieldTime struct {
	// Field is the name, with dots between the names of nested fields.
	Field string
}

// Time implements [Extractor].
func (f FieldTime) Time(_ *connect.SinkRecord, value any) (time.Time, error) {
	_, v, err := lookup(nil, value, f.Field)
	if err != nil {
		return time.Time{}, err
	}
	t, err := toTime(v)
	if err != nil {
		return time.Time{}, fmt.Errorf("field %q: %w", f.Field, err)
	}
	return t, nil
}

func toTime(v any) (time.Time, error) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, errors.New("the time is null")
	case time.Time:
		return v, nil
	case string:
		return fromText(v)
	}
	if n, ok := data.AsInt(v); ok {
		return time.UnixMilli(n), nil
	}
	if f, ok := data.AsFloat(v); ok && math.Abs(f) < 1<<62 {
		return time.UnixMilli(int64(f)), nil
	}
	return time.Time{}, fmt.Errorf("%s is not a time: want a timestamp, epoch milliseconds or ISO 8601 text",
		data.Describe(v))
}

// isoLayouts are tried in order; a fraction is accepted after any seconds. None
// has the name of a zone, so the machine's own zone plays no part.
var isoLayouts = [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02T15",
	"2006-01-02"}

func fromText(s string) (time.Time, error) {
	for _, l := range isoLayouts {
		if t, err := time.ParseInLocation(l, s, time.UTC); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time: want ISO 8601, such as 2015-05-17T10:05:03+00:00", s)
}

// lookup finds a field in decoded data, and its schema if there is one, by its
// name, with dots between the names of nested fields. A name that has dots itself
// is found whole first.
func lookup(s *data.Schema, value any, name string) (*data.Schema, any, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("the value has no fields, so no field %q", name)
	}
	if v, ok := m[name]; ok {
		return fieldSchema(s, name), v, nil
	}
	first, rest, nested := strings.Cut(name, ".")
	if inner, ok := m[first]; ok && nested {
		return lookup(fieldSchema(s, first), inner, rest)
	}
	return nil, nil, fmt.Errorf("the value has no field %q", name)
}

func fieldSchema(s *data.Schema, name string) *data.Schema {
	switch {
	case s == nil:
		return nil
	case s.Kind == data.Map:
		return s.Elem
	}
	if f := s.Field(name); f != nil {
		return f.Schema
	}
	return nil
}
