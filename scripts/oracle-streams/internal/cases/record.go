package cases

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Record is a record of a topic. Bytes are text, with what is not printable ASCII
// as \xNN; nil is null.
type Record struct {
	// Key and Value are the record's bytes.
	Key, Value *string
	// Timestamp is in milliseconds.
	Timestamp int64
	// Headers are names and values in turn.
	Headers [][]*string
}

// MarshalJSON returns a list of key, value, timestamp, and headers if there are any.
func (r Record) MarshalJSON() ([]byte, error) {
	list := []any{r.Key, r.Value, r.Timestamp}
	if len(r.Headers) > 0 {
		list = append(list, r.Headers)
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads the list of MarshalJSON.
func (r *Record) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	into := []any{&r.Key, &r.Value, &r.Timestamp, &r.Headers}
	if len(list) < 3 || len(list) > len(into) {
		return fmt.Errorf("a record is a list of 3 or 4, not of %d", len(list))
	}
	for i, raw := range list {
		if err := json.Unmarshal(raw, into[i]); err != nil {
			return err
		}
	}
	return nil
}

// Shown returns bytes as a Record has them.
func Shown(b []byte) *string {
	if b == nil {
		return nil
	}
	var out strings.Builder
	for _, c := range b {
		if c >= ' ' && c < 127 && c != '\\' {
			out.WriteByte(c)
			continue
		}
		fmt.Fprintf(&out, "\\x%02x", c)
	}
	s := out.String()
	return &s
}
