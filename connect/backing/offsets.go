package backing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/backing/internal/javajson"
	"github.com/suiro/suiro/connect/herder/api"
)

// Entry is the offset of one source partition.
type Entry struct {
	// Partition is the source partition.
	Partition map[string]any
	// Offset is where to continue reading it; nil forgets the partition.
	Offset map[string]any
}

// OffsetStore keeps source offsets. It is safe for concurrent use.
type OffsetStore interface {
	// Refresh reads what others may have written since the last call. It is
	// called before Get when a task starts.
	Refresh(ctx context.Context) error
	// Get returns the offset of a source partition, nil when there is none.
	Get(connector string, partition map[string]any) (map[string]any, error)
	// List returns the source partitions of a connector that have an offset, in a
	// stable order, as of the last Refresh. Their values are as they come back from
	// JSON. Putting them without offsets makes the connector begin again.
	List(connector string) ([]Entry, error)
	// Put keeps offsets; once it returns nil they survive a crash.
	Put(ctx context.Context, connector string, entries []Entry) error
	// Close releases what the store holds. It is called once, last.
	Close() error
}

// MaxPosition is the most bytes that the JSON form of a source partition, and that
// of a source offset, may have: 256 KiB. A store reads all of them when a worker
// starts, and writes one with each record that it is about.
const MaxPosition = 256 << 10

// ErrTooLarge is returned for a source partition or a source offset of more than
// [MaxPosition] bytes. It is what the connector made, so trying again is of no use.
var ErrTooLarge = errors.New("a connector must make smaller ones")

// Key is the key of a source partition in the offset topic, with sorted keys.
func Key(connector string, partition map[string]any) ([]byte, error) {
	key, err := encode([]any{connector, partition})
	if err != nil {
		return nil, fmt.Errorf("source partition of connector %s cannot be written as JSON: %w", connector, err)
	}
	return key, checkSize("source partition", connector, key)
}

// offsetText is the JSON form of a source offset.
func offsetText(connector string, offset map[string]any) ([]byte, error) {
	text, err := encode(offset)
	if err != nil {
		return nil, fmt.Errorf("source offset of connector %s cannot be written as JSON: %w", connector, err)
	}
	return text, checkSize("source offset", connector, text)
}

func checkSize(what, connector string, text []byte) error {
	if len(text) <= MaxPosition {
		return nil
	}
	return fmt.Errorf("%s of connector %s has %d bytes, more than %d, and begins %.100q: %w",
		what, connector, len(text), MaxPosition, text, ErrTooLarge)
}

// list returns the entries of a connector, sorted by their keys.
func list(m map[string]Entry, connector string) ([]Entry, error) {
	name, err := encode(connector)
	if err != nil {
		return nil, err
	}
	prefix := "[" + string(name) + ","
	var out []Entry
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		_, partition, err := splitKey([]byte(key))
		if err != nil {
			return nil, err
		}
		e := Entry{Offset: m[key].Offset}
		if e.Partition, err = DecodeMap(partition); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// normal returns the entries by their keys, with values as they come back from
// JSON, so that a task sees the same after a restart as before.
func normal(connector string, entries []Entry) (map[string]Entry, error) {
	out := make(map[string]Entry, len(entries))
	for _, e := range entries {
		key, err := Key(connector, e.Partition)
		if err != nil {
			return nil, err
		}
		value, err := offsetText(connector, e.Offset)
		if err != nil {
			return nil, err
		}
		offset, err := DecodeMap(value)
		if err != nil {
			return nil, fmt.Errorf("source offset of connector %s: %w", connector, err)
		}
		out[string(key)] = Entry{Partition: e.Partition, Offset: offset}
	}
	return out, nil
}

// merge applies changes; an entry without offset is removed.
func merge(m, changed map[string]Entry) {
	for key, e := range changed {
		if e.Offset == nil {
			delete(m, key)
			continue
		}
		m[key] = e
	}
}

// DecodeMap decodes a JSON object as tasks see it: whole numbers are int64 and
// others float64. A number that is too large for that is an error, as it could not
// be written again.
func DecodeMap(text []byte) (map[string]any, error) {
	var m api.Position
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&m); err == io.EOF {
		return nil, errors.New("there is no JSON object")
	} else if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is text after the JSON object")
	}
	return m, nil
}

// encode is JSON as Java writes it.
func encode(v any) ([]byte, error) { return javajson.Marshal(v) }
