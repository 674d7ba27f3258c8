// Package ltsvjson turns LTSV records into JSON objects in one pass over their bytes.
//
// An [Encoder] is compiled once from [Options] and then appends one object for
// each line, allocating nothing:
//
//	status, err := ltsv.ParseTypes([]string{"status:int", "reqtime:float"})
//	...
//	e, err := ltsvjson.New(&ltsvjson.Options{
//		Drop:    []string{"ident", "user"},
//		Types:   status,
//		Cookies: []string{"cookie"},
//	})
//	...
//	dst, err = e.Append(dst[:0], line)
//
// Fields keep the order of the line. Whatever is not plain, such as a duplicate
// label, is left to an [ltsv.Parser], which alone decides what is accepted; both
// ways give the same bytes.
//
// # Numbers
//
// A float that is a JSON number already is copied digit for digit; an integer is
// exact in the range of int64. Readers that hold numbers in a float64 round
// integers above 2^53: declare such a label a string if they must not be rounded.
//
// # Text
//
// LTSV declares no encoding. Each byte that is not part of valid UTF-8 is
// written as U+FFFD, or makes the record an error with
// Options.RejectInvalidUTF8. Nothing is escaped for HTML.
//
// # Cookies
//
// The value of a cookie label becomes an object of strings, percent-decoded by
// package cookie, each name once: the first one counts.
package ltsvjson
