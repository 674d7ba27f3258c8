// Package jsontext appends JSON strings and numbers to a byte slice, for code that
// writes JSON without reflection, and reads values that fastjson has parsed.
package jsontext
