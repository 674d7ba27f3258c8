// Package mistakes collects what is wrong with a topology in the making, with the line of
// the program that is to blame.
package mistakes

import (
	"fmt"
	"path"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// List is what is wrong so far. The zero List is empty.
type List struct {
	errs []error
	late bool
}

// Errors returns the mistakes in the order in which they were made.
func (l *List) Errors() []error { return l.errs }

// Complete says that the topology is complete: what is noted from now on is not the mistake
// of the line that is running.
func (l *List) Complete() { l.late = true }

// Add notes a mistake, nil for none.
func (l *List) Add(err error) {
	if err == nil {
		return
	}
	if at := caller(); at != "" && !l.late {
		err = fmt.Errorf("%s: %w", at, err)
	}
	l.errs = append(l.errs, err)
}

// Need notes which of the things that an operator was given are nil: functions, Serdes, and
// others that it cannot do without.
func (l *List) Need(operator string, given ...any) {
	for _, v := range given {
		value := reflect.ValueOf(v)
		switch {
		case !value.IsValid():
			l.Add(fmt.Errorf("%s was given nil: it needs each of its arguments, such as streams.String() for a Serde",
				operator))
		case value.Kind() == reflect.Func && value.IsNil():
			l.Add(fmt.Errorf("%s was given nil for a function: pass a %s", operator, nameOf(value.Type())))
		}
	}
}

// nameOf is the type of a function as users write it.
func nameOf(t reflect.Type) string {
	if t.Name() != "" {
		return "function"
	}
	return strings.NewReplacer("processor.Context[", "streams.Context[", "node.Record[", "streams.Record[",
		"node.Windowed[", "streams.Windowed[").Replace(t.String())
}

// module is the folder whose code is not the user's.
var module = strings.TrimSuffix(reflect.TypeFor[List]().PkgPath(), "/internal/mistakes")

// caller returns the file and line that has called this module, empty if it is not known.
func caller() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		rest, inside := strings.CutPrefix(f.Function, module)
		if f.Function != "" && (!inside || rest[0] != '.' && !strings.HasPrefix(rest, "/internal/")) {
			return path.Base(f.File) + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return ""
		}
	}
}
