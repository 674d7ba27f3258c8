package ltsvjson

import (
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// The keys of [Keys].
const (
	keyLenient    = "ltsv.lenient"
	keyDuplicates = "ltsv.duplicates"
	keyMaxBytes   = "ltsv.max.bytes"
	keyDrop       = "ltsv.drop"
	keyKeep       = "ltsv.keep"
	keyTypes      = "ltsv.types"
	keyCookies    = "ltsv.cookies"
	keyNulls      = "ltsv.null.values"
	keyOmitNulls  = "ltsv.omit.nulls"
	keyBadValue   = "ltsv.bad.values"
	keyBadCookie  = "ltsv.bad.cookies"
	keyUTF8       = "ltsv.invalid.utf8"
	keyTimes      = "ltsv.times"
)

// choices are the values of a key and what each means, in the order of its help.
type choices[T any] []struct {
	name  string
	value T
}

var (
	duplicates = choices[ltsv.Duplicates]{{"default", ltsv.DuplicatesDefault}, {"reject", ltsv.RejectDuplicates},
		{"first", ltsv.KeepFirst}, {"last", ltsv.KeepLast}}
	policies    = choices[Policy]{{"reject", Reject}, {"null", Null}, {"raw", Raw}}
	invalidUTF8 = choices[bool]{{"replace", false}, {"reject", true}}
	timeFormats = choices[TimeFormat]{{"rfc3339", RFC3339}, {"unixmillis", UnixMillis}}
)

// valid accepts the names, in any case.
func (c choices[T]) valid() config.Validator {
	names := make([]string, len(c))
	for i := range c {
		names[i] = c[i].name
	}
	return config.OneOf(true, names...)
}

// of returns what the value of key, which is valid, means.
func (c choices[T]) of(v config.Values, key string) T {
	for i := range c {
		if strings.EqualFold(c[i].name, v.String(key)) {
			return c[i].value
		}
	}
	panic("ltsvjson: a value of " + key + " that is not valid")
}

// Keys returns the keys that configure how LTSV is read, for the definition of
// a program or a converter.
func Keys() []config.Key {
	return []config.Key{
		{Name: keyLenient, Type: config.Boolean, Default: false,
			Doc: "Whether to skip fields that are not LTSV instead of rejecting the record."},
		{Name: keyDuplicates, Type: config.String, Default: "default", Importance: config.Low,
			Valid: duplicates.valid(),
			Doc:   "What becomes of a label that occurs twice; default rejects it, and keeps the last when lenient."},
		{Name: keyMaxBytes, Type: config.Int, Default: 0, Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "The longest record accepted; 0 for no bound."},
		{Name: keyDrop, Type: config.List, Default: "", Doc: "Labels that are not passed on."},
		{Name: keyKeep, Type: config.List, Default: "", Doc: "The only labels that are passed on; empty for all."},
		{Name: keyTypes, Type: config.List, Default: "", Valid: validTypes(),
			Doc: "Types of labels, label:type; the others are strings. A type is string, int, float, bool or time. time " +
				"takes what Apache (%t) and nginx ($time_local, $time_iso8601, $msec) write, and seconds, milliseconds or " +
				"microseconds since 1970, told apart by their 10, 13 or 16 digits; time:apache, time:rfc3339, time:unix, " +
				"time:unixmillis or time: and a layout of Go take that form alone."},
		{Name: keyCookies, Type: config.List, Default: "", Doc: "Labels whose value is unpacked as a cookie."},
		{Name: keyNulls, Type: config.List, Default: "-", Importance: config.Medium,
			Doc: "Values that mean a missing one; empty for none."},
		{Name: keyOmitNulls, Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Whether to leave missing values out instead of writing null."},
		{Name: keyBadValue, Type: config.String, Default: "reject", Valid: policies.valid(), Importance: config.Medium,
			Doc: "What becomes of a value that does not fit its type: reject the record, null, or raw for the text."},
		{Name: keyBadCookie, Type: config.String, Default: "reject", Valid: policies.valid(), Importance: config.Medium,
			Doc: "What becomes of a broken cookie: reject the record, null, or raw for what can be read and " +
				"the text under _raw."},
		{Name: keyUTF8, Type: config.String, Default: "replace", Valid: invalidUTF8.valid(),
			Importance: config.Low, Doc: "Whether bytes that are not UTF-8 are replaced by U+FFFD or reject the record."},
		{Name: keyTimes, Type: config.String, Default: "rfc3339", Valid: timeFormats.valid(),
			Importance: config.Low, Doc: "How times are written in JSON."},
	}
}

func validTypes() config.Validator {
	return config.Func("label:type,...", func(v any) error {
		list, _ := v.([]string)
		_, err := ltsv.ParseTypes(list)
		return err
	})
}

// FromValues returns the options that the values of [Keys] ask for.
func FromValues(v config.Values) (*Options, error) {
	types, err := ltsv.ParseTypes(v.List(keyTypes))
	if err != nil {
		return nil, err
	}
	return &Options{
		Parse: ltsv.Options{
			Lenient:    v.Bool(keyLenient),
			Duplicates: duplicates.of(v, keyDuplicates),
			MaxBytes:   v.Int(keyMaxBytes),
		},
		Drop: v.List(keyDrop), Keep: v.List(keyKeep), Types: types, Cookies: v.List(keyCookies),
		Nulls:             append(ltsv.Nulls{}, v.List(keyNulls)...),
		OmitNulls:         v.Bool(keyOmitNulls),
		BadValue:          policies.of(v, keyBadValue),
		BadCookie:         policies.of(v, keyBadCookie),
		RejectInvalidUTF8: invalidUTF8.of(v, keyUTF8),
		Times:             timeFormats.of(v, keyTimes),
	}, nil
}
