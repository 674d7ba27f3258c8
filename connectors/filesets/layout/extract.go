package layout

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
)

// Extractor finds a record's time. value is the record's decoded value.
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
		return time.Time{}, fmt.Errorf("the record has no timestamp")
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
	v, err := Lookup(value, f.Field)
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
		return time.Time{}, fmt.Errorf("null is no time")
	case time.Time:
		return v, nil
	case int64:
		return time.UnixMilli(v), nil
	case int32:
		return time.UnixMilli(int64(v)), nil
	case float64:
		return time.UnixMilli(int64(v)), nil
	case json.Number:
		return fromNumber(string(v))
	case string:
		return fromText(v)
	}
	return time.Time{}, fmt.Errorf("a %T is no time: want a timestamp, epoch milliseconds or ISO 8601 text", v)
}

func fromNumber(s string) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(n), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no number of milliseconds", s)
	}
	return time.UnixMilli(int64(f)), nil
}

// isoLayouts are tried in order; a fraction is accepted after any seconds.
var isoLayouts = [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02"}

func fromText(s string) (time.Time, error) {
	for _, l := range isoLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: want ISO 8601, as 2015-05-17T10:05:03+00:00", s)
}

// Lookup finds a field in decoded data by its name, with dots between the
// names of nested fields. A name that has dots itself is found whole first.
func Lookup(value any, name string) (any, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the value has no fields, so no field %q", name)
	}
	if v, ok := m[name]; ok {
		return v, nil
	}
	first, rest, nested := strings.Cut(name, ".")
	if inner, ok := m[first]; ok && nested {
		return Lookup(inner, rest)
	}
	return nil, fmt.Errorf("the value has no field %q", name)
}
