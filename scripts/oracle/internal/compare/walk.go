package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

func tree(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "not JSON: " + string(raw)
	}
	return sorted(v)
}

// sorted puts the entries of maps in one order, as Java and Go sort text otherwise.
func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			v[k] = sorted(item)
		}
	case []any:
		for i, item := range v {
			v[i] = sorted(item)
		}
		if len(v) > 0 && v[0] == "M" {
			sort.SliceStable(v[1:], func(i, j int) bool { return fmt.Sprint(v[1+i]) < fmt.Sprint(v[1+j]) })
		}
	}
	return v
}

// walker compares dumps.
type walker struct {
	// unit is what whole numbers count, if they are times.
	unit time.Duration
	// found is called for each difference.
	found func(string)
}

// units are the values of unix.precision.
var units = map[string]time.Duration{
	"seconds": time.Second, "microseconds": time.Microsecond, "nanoseconds": time.Nanosecond,
}

// walk finds where two dumps differ. Names of fields and places in lists are
// left out of the path, so that like differences have one name.
func (w walker) walk(path string, a, b any) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			for _, k := range keysOf(x, y) {
				w.walk(path+"."+k, x[k], y[k])
			}
			return
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) > 0 && len(y) > 0 {
			if path = collapsed(path); len(x) != len(y) {
				w.found(path + ": " + moreOf(x, y))
				return
			}
			for i := range x {
				w.walk(path+"[]", x[i], y[i])
			}
			return
		}
	}
	if !reflect.DeepEqual(a, b) {
		w.found(collapsed(path) + ": " + leaf(a) + " → " + leaf(b) + w.apart(a, b))
	}
}

func moreOf(x, y []any) string {
	if len(x) < len(y) {
		return fmt.Sprintf("%v has more in ours", x[0])
	}
	return fmt.Sprintf("%v has less in ours", x[0])
}

var (
	nestedSchema = regexp.MustCompile(`\.schema(\.(fields\[\]+|elem|key)(\.schema)?)+`)
	nestedValue  = regexp.MustCompile(`\[\](\[\])+`)
)

func collapsed(path string) string {
	path = strings.TrimPrefix(path, ".")
	path = nestedSchema.ReplaceAllString("."+path, ".schema.part")
	return strings.TrimPrefix(nestedValue.ReplaceAllString(path, "[]"), ".")
}

func keysOf(x, y map[string]any) []string {
	var keys []string
	for k := range x {
		keys = append(keys, k)
	}
	for k := range y {
		if _, ok := x[k]; !ok {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	return keys
}

// reform is some years after the Gregorian calendar began, in seconds.
const reform = -11676096000

// old is a date as text, of a year before 1582.
var old = regexp.MustCompile(`^s:(0\d\d\d|1[0-4]\d\d|15[0-7]\d)\D?\d\d\D?\d\d`)

// apart says how far two whole numbers or times are from each other.
func (w walker) apart(a, b any) string {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	if ok1 && ok2 && old.MatchString(x) && old.MatchString(y) {
		return ", before 1582"
	}
	if !ok1 || !ok2 || leaf(a) != leaf(b) || leaf(a) != "i64" && leaf(a) != "t" {
		return ""
	}
	m, err1 := strconv.ParseInt(x[strings.IndexByte(x, ':')+1:], 10, 64)
	n, err2 := strconv.ParseInt(y[strings.IndexByte(y, ':')+1:], 10, 64)
	per := int64(time.Second / time.Millisecond)
	if leaf(a) == "i64" && w.unit > 0 {
		per = int64(time.Second / w.unit)
	}
	switch d := m - n; {
	case err1 != nil || err2 != nil:
		return ""
	case d == 1 || d == -1:
		return ", by one"
	case m/per < reform && n/per < reform:
		return ", before 1582"
	case -1_000_000 < d && d < 1_000_000:
		return ", by less than a million"
	}
	return ", far"
}

// leaf is the tag of a scalar, what differs within being up to the example.
func leaf(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if i := strings.IndexByte(v, ':'); i > 0 && i < 6 {
			if v[:i] == "t" && strings.Contains(v, "+") {
				return "t with nanoseconds"
			}
			return v[:i]
		}
		return "text"
	case []any:
		if len(v) > 0 {
			return fmt.Sprint(v[0])
		}
		return "[]"
	case map[string]any:
		return "{}"
	case json.Number:
		return "number"
	}
	return fmt.Sprint(v)
}
