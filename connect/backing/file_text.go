package backing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
)

// fileEntry is the offset of a source partition in the file.
type fileEntry struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

func encodeFile(m map[string]Entry) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	out := map[string][]fileEntry{}
	for _, key := range keys {
		connector, partition, err := splitKey([]byte(key))
		if err != nil {
			return nil, err
		}
		offset, err := encode(m[key].Offset)
		if err != nil {
			return nil, err
		}
		out[connector] = append(out[connector], fileEntry{partition, offset})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

func decodeFile(text []byte) (map[string]Entry, error) {
	var in map[string][]fileEntry
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, inLine(text, err)
	}
	m := map[string]Entry{}
	for _, connector := range slices.Sorted(maps.Keys(in)) {
		for i, e := range in[connector] {
			key, entry, err := e.decode(connector)
			if err != nil {
				return nil, fmt.Errorf("entry %d of connector %.100q: %w", i+1, connector, err)
			}
			m[string(key)] = entry
		}
	}
	return m, nil
}

// inLine adds the line in which JSON ends to be what it should.
func inLine(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(len(text))
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: unexpected %s", lineOf(text, kind.Offset), kind.Value)
	}
	return fmt.Errorf("line %d: %w", lineOf(text, at), err)
}

func lineOf(text []byte, at int64) int {
	return 1 + bytes.Count(text[:min(max(at, 0), int64(len(text)))], []byte("\n"))
}

func (e fileEntry) decode(connector string) (key []byte, entry Entry, err error) {
	partition, err := DecodeMap(e.Partition)
	if err != nil {
		return nil, Entry{}, fmt.Errorf("its source partition: %w", err)
	}
	offset, err := DecodeMap(e.Offset)
	if err != nil {
		return nil, Entry{}, fmt.Errorf("its source offset: %w", err)
	}
	key, err = Key(connector, partition)
	return key, Entry{partition, offset}, err
}

// splitKey reads ["<connector>",{<source partition>}].
func splitKey(key []byte) (connector string, partition json.RawMessage, err error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(key, &parts); err != nil {
		return "", nil, err
	}
	if len(parts) != 2 {
		return "", nil, fmt.Errorf("%.100q is not a list of a connector and a source partition", key)
	}
	err = json.Unmarshal(parts[0], &connector)
	return connector, parts[1], err
}
