package avro

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// validName reports whether Avro's specification allows s as a name.
func validName(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i], i) {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte, i int) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' && i > 0
}

// readableName reports whether s may be a name in a schema that another program
// wrote: Java's Avro allows all letters and digits.
func readableName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// readableFull is readableName for a name with its namespace.
func readableFull(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if !readableName(part) {
			return false
		}
	}
	return true
}

// mapName makes an Avro name of s: each byte that is not allowed becomes an
// underscore, and one is put first when s begins with a digit or is empty.
func mapName(s string) string {
	var b strings.Builder
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		b.WriteByte('_')
	}
	for i := range len(s) {
		if nameByte(s[i], i+1) {
			b.WriteByte(s[i])
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}

// FieldNames returns the Avro names of the fields of a record: the name in the Avro
// schema it was read from, or else the field's own name, with the bytes that Avro
// does not allow replaced. A replaced name that is taken gets the first free number
// from 2.
func FieldNames(fields []data.Field) []string {
	out := make([]string, len(fields))
	taken, next := map[string]bool{}, map[string]int{} // next: the numbers below it are taken
	for i, f := range fields {
		if given := f.Schema.Parameters[datum.ParamName]; given != "" {
			out[i] = given
		} else if validName(f.Name) {
			out[i] = f.Name
		}
		taken[out[i]] = true
	}
	for i, f := range fields {
		if out[i] != "" {
			continue
		}
		base := mapName(f.Name)
		out[i] = base
		for n := max(2, next[base]); taken[out[i]]; n++ {
			out[i] = base + "_" + strconv.Itoa(n)
			next[base] = n + 1
		}
		taken[out[i]] = true
	}
	return out
}
