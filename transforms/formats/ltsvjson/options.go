package ltsvjson

import (
	"errors"
	"fmt"
	"slices"

	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// Policy says what becomes of a value that cannot be written as it should.
type Policy int

// What becomes of a bad value.
const (
	// Reject makes the whole record an error.
	Reject Policy = iota
	// Null writes the value as null, or leaves it out with Options.OmitNulls.
	Null
	// Raw writes the value as the string it was.
	Raw
)

// TimeFormat says how a value of a time type is written.
type TimeFormat int

// How times are written.
const (
	// RFC3339 writes "2000-10-10T20:55:36.000Z", in UTC with milliseconds.
	RFC3339 TimeFormat = iota
	// UnixMillis writes the number of milliseconds since 1970.
	UnixMillis
)

// Options changes what an [Encoder] writes. Nil means all defaults.
type Options struct {
	// Parse says what is accepted as LTSV. The default is strict.
	Parse ltsv.Options
	// Drop lists labels that are not written. Default none.
	Drop []string
	// Keep lists the only labels that are written. Default empty: all but Drop.
	Keep []string
	// Types gives labels a type. The default of a label is a string.
	Types map[string]ltsv.Type
	// Cookies lists labels whose value is a Cookie header, written as an object
	// of strings. Default none.
	Cookies []string
	// BadCookie is what becomes of a cookie with a pair that is not name=value
	// or with a broken percent escape. Raw writes the pairs that can be read,
	// and the whole header under "_raw", so that the type stays an object.
	// Default Reject.
	BadCookie Policy
	// BadValue is what becomes of a value that does not fit its type. Default Reject.
	BadValue Policy
	// Nulls are the values written as null. Default nil: "-" is. Use an empty
	// list that is not nil for none.
	Nulls ltsv.Nulls
	// OmitNulls leaves fields that are null out. Default false: they are written.
	OmitNulls bool
	// RejectInvalidUTF8 makes invalid UTF-8 in what is written an error. Default
	// false: each wrong byte is written as U+FFFD.
	RejectInvalidUTF8 bool
	// Times says how times are written. Default RFC3339.
	Times TimeFormat
}

// action is what is done with the fields of a label.
type action int

const (
	writeString action = iota
	writeInt
	writeFloat
	writeBool
	writeTime
	writeCookie
	drop
)

// field is a label with what is to be done with it.
type field struct {
	label  string
	key    []byte // ,"label":
	action action
	typ    ltsv.Type
	bit    uint64 // of the label in the set of those seen; 0 when there is none left
}

// fields compiles o into one field for each label it names, and for each label
// that is commonly found in access logs, as those need no check of their bytes.
func (o *Options) fields() (map[string]*field, error) {
	all := map[string]*field{}
	named := func(label string) *field {
		if all[label] == nil {
			all[label] = newField([]byte(label))
		}
		return all[label]
	}
	for _, label := range commonLabels {
		named(label)
	}
	for label, t := range o.Types {
		f := named(label)
		f.typ, f.action = t, action(t.Kind())
	}
	for _, label := range o.Cookies {
		named(label).action = writeCookie
	}
	for _, label := range slices.Concat(o.Drop, o.Keep) {
		named(label)
	}
	for label, f := range all {
		if len(o.Keep) > 0 && !slices.Contains(o.Keep, label) || slices.Contains(o.Drop, label) {
			f.action = drop
		}
	}
	return all, o.validate()
}

// validate finds labels for which the options contradict each other.
func (o *Options) validate() error {
	var errs []error
	for _, label := range o.Cookies {
		if _, ok := o.Types[label]; ok {
			errs = append(errs, fmt.Errorf("label %q is a cookie and has a type: choose one", label))
		}
	}
	for _, label := range o.Keep {
		if slices.Contains(o.Drop, label) {
			errs = append(errs, fmt.Errorf("label %q is both kept and dropped: choose one", label))
		}
	}
	for _, label := range slices.Concat(o.Drop, o.Keep, o.Cookies) {
		if label == "" {
			errs = append(errs, errors.New("a list of labels contains an empty label: remove it"))
		}
	}
	return errors.Join(errs...)
}

func newField(label []byte) *field {
	key := jsontext.AppendString([]byte{','}, label)
	return &field{label: string(label), key: append(key, ':')}
}

// commonLabels are those recommended by ltsv.org.
var commonLabels = []string{
	"time", "host", "forwardedfor", "ident", "user", "req", "method", "uri", "protocol", "status", "size",
	"reqsize", "referer", "ua", "vhost", "reqtime", "reqtime_microsec", "cache", "runtime", "apptime",
}
