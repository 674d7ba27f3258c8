package ltsv

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Kind is what a value is read as.
type Kind int

// The kinds of a value.
const (
	String Kind = iota // the text as it is
	Int                // int64, decimal
	Float              // float64, decimal
	Bool               // bool
	Time               // time.Time, by a layout
)

// String returns the kind's name in a configuration.
func (k Kind) String() string {
	names := [...]string{"string", "int", "float", "bool", "time"}
	if k < 0 || int(k) >= len(names) {
		return "kind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}

// Type reads values of one label. The zero Type reads text.
type Type struct {
	kind   Kind
	layout timeLayout
	custom string
}

// Kind returns what the type reads.
func (t Type) Kind() Kind { return t.kind }

// String returns the type as [ParseType] reads it.
func (t Type) String() string {
	if t.kind != Time {
		return t.kind.String()
	}
	switch t.layout {
	case layoutAny:
		return "time"
	case layoutCustom:
		return "time:" + t.custom
	}
	return "time:" + layoutNames[t.layout]
}

// ParseType reads a type from a configuration: string, int, float, bool, time, or
// time:LAYOUT. Without a layout, a time is read in any of the forms that web servers
// write:
//
//	[28/Nov/2026:19:33:03 +0900]   Apache's %t, and nginx's $time_local without brackets
//	2026-11-28T19:33:03+09:00      nginx's $time_iso8601, also with a fraction, Z or +0900
//	1795861983.123                 nginx's $msec: seconds since 1970 with a fraction
//	1795861983                     seconds since 1970
//	1795861983123                  milliseconds since 1970, Apache's %{msec}t
//	1795861983123456               microseconds since 1970, Apache's %{usec}t
//
// Numbers are told apart by their number of digits: 10 are seconds, 13 milliseconds
// and 16 microseconds, which holds from September 2001 to November 2286. Others,
// such as the date 20261128, are refused rather than guessed at. LAYOUT is
//
//	apache      [10/Oct/2000:13:55:36 -0700], brackets optional
//	rfc3339     2000-10-10T13:55:36.123-07:00, fraction optional
//	unix        seconds since 1970, fraction optional
//	unixmillis  milliseconds since 1970
//	other       a layout of the Go package time, such as 2006-01-02 15:04:05
func ParseType(s string) (Type, error) {
	name, layout, found := strings.Cut(s, ":")
	kinds := []string{"string", "int", "float", "bool", "time"}
	i := slices.Index(kinds, name)
	if i < 0 || found && (Kind(i) != Time || layout == "") {
		return Type{}, fmt.Errorf("ltsv type %q: want string, int, float, bool, time, time:apache, time:rfc3339, "+
			"time:unix, time:unixmillis or time: and a Go layout", s)
	}
	t := Type{kind: Kind(i)}
	if !found {
		return t, nil
	}
	if j := slices.Index(layoutNames[:], layout); j >= 0 {
		t.layout = timeLayout(j)
		return t, nil
	}
	if time.Unix(0, 0).UTC().Format(layout) == layout {
		return Type{}, fmt.Errorf("ltsv type %q: layout %q has no element of the reference time 2006-01-02 15:04:05",
			s, layout)
	}
	t.layout, t.custom = layoutCustom, layout
	return t, nil
}

// ParseTypes reads a list of label:type, such as status:int, into a map.
func ParseTypes(list []string) (map[string]Type, error) {
	types := make(map[string]Type, len(list))
	for _, item := range list {
		label, name, _ := strings.Cut(item, ":")
		t, err := ParseType(name)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", item, err)
		}
		if label == "" {
			return nil, fmt.Errorf("%q: want label:type, as status:int", item)
		}
		if _, ok := types[label]; ok {
			return nil, fmt.Errorf("%q: label %q has a type already", item, label)
		}
		types[label] = t
	}
	return types, nil
}

// Value reads v as string, int64, float64, bool or time.Time, or as nil when v
// is empty and the type is not text.
func (t Type) Value(v []byte) (any, error) {
	if len(v) == 0 && t.kind != String {
		return nil, nil
	}
	switch t.kind {
	case Int:
		return box(ParseInt(v))
	case Float:
		return box(ParseFloat(v))
	case Bool:
		return box(ParseBool(v))
	case Time:
		return box(t.ParseTime(v))
	default:
		return string(v), nil
	}
}

func box[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// ParseInt reads a decimal integer exactly, with an optional sign and leading zeros.
func ParseInt(v []byte) (int64, error) {
	digits := v
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		digits = v[1:]
	}
	if n, ok := shortInt(digits); ok {
		if v[0] == '-' {
			n = -n
		}
		return n, nil
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, valueError("an int", v, "only decimal digits and a sign are read")
		}
	}
	n, err := strconv.ParseInt(borrow(v), 10, 64)
	if err != nil {
		if len(digits) == 0 {
			return 0, valueError("an int", v, "there is no digit")
		}
		return 0, valueError("an int", v, "out of the range of 64 bits, read it as string")
	}
	return n, nil
}

// shortInt reads digits alone when they cannot overflow.
func shortInt(digits []byte) (n int64, ok bool) {
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// ParseFloat reads a decimal number with an optional sign, fraction and exponent.
func ParseFloat(v []byte) (float64, error) {
	for _, c := range v {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, valueError("a float", v, "only a decimal number is read, no hex, NaN or infinity")
		}
	}
	f, err := strconv.ParseFloat(borrow(v), 64)
	if math.IsInf(f, 0) {
		return 0, valueError("a float", v, "out of the range of 64 bits, read it as string")
	}
	if err != nil {
		return 0, valueError("a float", v, "only a decimal number is read")
	}
	return f, nil
}

// ParseBool reads 1, t, T, true, True, TRUE and 0, f, F, false, False, FALSE.
func ParseBool(v []byte) (bool, error) {
	b, err := strconv.ParseBool(borrow(v))
	if err != nil {
		return false, valueError("a bool", v, "want true, false, t, f, 1 or 0")
	}
	return b, nil
}

func valueError(want string, v []byte, why string) error {
	return fmt.Errorf("%w: %s is not %s: %s", ErrValue, Quote(v), want, why)
}

// borrow views v as a string for a call that keeps no part of it.
func borrow(v []byte) string { return unsafe.String(unsafe.SliceData(v), len(v)) }

// Nulls is a set of texts that mean a missing value.
type Nulls []string

// DefaultNulls is the log convention: "-" is missing.
func DefaultNulls() Nulls { return Nulls{"-"} }

// Match reports whether v means missing.
func (n Nulls) Match(v []byte) bool {
	for _, s := range n {
		if string(v) == s {
			return true
		}
	}
	return false
}
