package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// IDOf returns the function that takes the id from the named field of a value
// in a format, "json" or "ltsv".
func IDOf(format, field string) (func(value []byte) (int64, error), error) {
	switch format {
	case "json":
		return func(value []byte) (int64, error) { return jsonID(value, field) }, nil
	case "ltsv":
		label := []byte(field + ":")
		return func(value []byte) (int64, error) { return ltsvID(value, label) }, nil
	}
	return nil, fmt.Errorf("format %q is not json or ltsv", format)
}

func jsonID(value []byte, field string) (int64, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(value, &fields); err != nil {
		return 0, err
	}
	raw, ok := fields[field]
	if !ok {
		return 0, fmt.Errorf("the value has no field %s", field)
	}
	return strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64)
}

func ltsvID(value, label []byte) (int64, error) {
	for f := range bytes.SplitSeq(bytes.TrimRight(value, "\r\n"), []byte("\t")) {
		if id, ok := bytes.CutPrefix(f, label); ok {
			return strconv.ParseInt(string(id), 10, 64)
		}
	}
	return 0, fmt.Errorf("the value has no label %s", bytes.TrimSuffix(label, []byte(":")))
}
