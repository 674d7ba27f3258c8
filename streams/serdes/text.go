package serdes

import (
	"encoding/json"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// JSON returns the Serde that uses encoding/json for T.
func JSON[T any]() Serde[T] {
	return plain[T]{
		ser: func(v T) ([]byte, error) { return json.Marshal(v) },
		de: func(b []byte) (v T, err error) {
			if b == nil {
				return v, nil
			}
			return v, json.Unmarshal(b, &v)
		},
	}
}

// LTSV returns the Serde of a line of labels and values (ltsv.org), strict as package
// ltsv says. A record that was read shares the memory of the data.
func LTSV() Serde[*ltsv.Record] { return LTSVOf(nil, nil) }

// LTSVOf is LTSV with options for reading and writing; nil leaves all to the defaults.
func LTSVOf(read *ltsv.Options, write *ltsv.FormatOptions) Serde[*ltsv.Record] {
	parser, formatter := ltsv.NewParser(read), ltsv.NewFormatter(write)
	return plain[*ltsv.Record]{
		ser: func(r *ltsv.Record) ([]byte, error) { return formatter.Append([]byte{}, r) },
		de: func(b []byte) (*ltsv.Record, error) {
			r := &ltsv.Record{}
			if err := parser.Parse(r, b); err != nil {
				return nil, err
			}
			return r, nil
		},
	}
}
