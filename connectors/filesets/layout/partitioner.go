package layout

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Partitioner makes the directory of a record below its topic's. It may be
// used by many goroutines.
type Partitioner interface {
	// Dir returns name=value directories with slashes between. value is the
	// record's decoded value. An error is about the record.
	Dir(r *connect.SinkRecord, value any) (string, error)
	// Keys returns the names of the directories, in order; false when the
	// directories have no names and so no Hive table can have such partitions.
	Keys() ([]string, bool)
}

// Kafka keeps the Kafka partition: partition=3.
type Kafka struct{}

// Dir implements [Partitioner].
func (Kafka) Dir(r *connect.SinkRecord, _ any) (string, error) {
	return "partition=" + strconv.Itoa(int(r.OriginalPartition)), nil
}

// Keys implements [Partitioner].
func (Kafka) Keys() ([]string, bool) { return []string{"partition"}, true }

// Fields partitions by the values of fields: country=jp/status=200.
type Fields struct {
	// Names are the fields, with dots between the names of nested ones.
	Names []string
}

// Dir implements [Partitioner].
func (f Fields) Dir(r *connect.SinkRecord, value any) (string, error) {
	schema, _, err := r.Value.Decode()
	if err != nil {
		return "", err
	}
	dirs := make([]string, len(f.Names))
	for i, name := range f.Names {
		s, v, err := lookup(schema, value, name)
		if err != nil {
			return "", err
		}
		text, err := fieldText(s, v)
		if err != nil {
			return "", fmt.Errorf("field %q: %w", name, err)
		}
		dirs[i] = name + "=" + text
		if err := CheckName(dirs[i]); err != nil {
			return "", fmt.Errorf("field %q: %w", name, err)
		}
	}
	return strings.Join(dirs, "/"), nil
}

// fieldText is Connect's text form of a value that is not made of others. Times
// are in ISO 8601 instead of Java's Date.toString, so that directories sort.
func fieldText(s *data.Schema, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return NullValue, nil
	case time.Time:
		if err := checkYear(v.UTC()); err != nil {
			return "", err
		}
		return Escape(v.UTC().Format(time.RFC3339Nano)), nil
	case []byte, []any, map[string]any, map[any]any, data.Pairs:
		return "", fmt.Errorf("%s cannot name a directory", data.Describe(v))
	}
	text, err := data.AppendText(nil, s, v)
	return Escape(string(text)), err
}

// Keys implements [Partitioner].
func (f Fields) Keys() ([]string, bool) { return f.Names, true }

// Time partitions by the record's time.
type Time struct {
	// Pattern writes the time.
	Pattern *Pattern
	// Zone is where its days and hours are.
	Zone *time.Location
	// Duration is how long a partition lasts; a time is written as the start
	// of its partition. 0 leaves it to the pattern.
	Duration time.Duration
	// Extractor finds the time.
	Extractor Extractor
}

// Dir implements [Partitioner].
func (p Time) Dir(r *connect.SinkRecord, value any) (string, error) {
	t, err := p.Extractor.Time(r, value)
	if err != nil {
		return "", err
	}
	t = p.floor(t.In(p.Zone))
	if err := checkYear(t); err != nil {
		return "", err
	}
	return p.Pattern.Format(t), nil
}

// checkYear refuses a time that cannot be meant.
func checkYear(t time.Time) error {
	if y := t.Year(); y < 0 || y > 9999 {
		return fmt.Errorf("the year %d is out of range: are the milliseconds some other unit?", y)
	}
	return nil
}

// floor returns the start of t's partition. Partitions are counted on the
// local clock from 1 January 1970, as the Java sink does, so that days begin at
// midnight of the zone.
func (p Time) floor(t time.Time) time.Time {
	if p.Duration <= 0 {
		return t
	}
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	ms, d := local.UnixMilli(), p.Duration.Milliseconds()
	return time.UnixMilli(ms - (ms%d+d)%d).UTC()
}

// Keys implements [Partitioner].
func (p Time) Keys() ([]string, bool) { return p.Pattern.Keys() }
