package data

import (
	"fmt"
	"strings"
)

// fieldError is an error about a field, with the names of the fields around it. An
// error that wrapped another at each level would hold a copy of the text for each,
// and a value may be nested a thousand deep.
type fieldError struct {
	names []string // from the inside out
	cause error
}

const (
	shownName  = 80 // characters of a name
	shownNames = 16 // of a path
)

// InField names the field that err is about. Fields around it are added by calling
// it again with its result, and the text reads as a path: field "a": field "b": what
// is wrong. Of long names and long paths the text shows a part.
func InField(name string, err error) error {
	name = fmt.Sprintf("%.*s", shownName, name) // a copy: the whole name may be large
	if f, ok := err.(*fieldError); ok {
		f.names = append(f.names, name)
		return f
	}
	return &fieldError{[]string{name}, err}
}

// Error is the path and the cause. Of a path that is too long it has the beginning
// and the end.
func (f *fieldError) Error() string {
	var b strings.Builder
	for i := len(f.names) - 1; i >= 0; i-- {
		if left := len(f.names) - shownNames; left > 0 && i == len(f.names)-1-shownNames/2 {
			fmt.Fprintf(&b, "%d more fields: ", left)
			i -= left
		}
		fmt.Fprintf(&b, "field %q: ", f.names[i])
	}
	return b.String() + f.cause.Error()
}

// Unwrap returns what is wrong with the field.
func (f *fieldError) Unwrap() error { return f.cause }
