// Package jsontext appends JSON strings and numbers to a byte slice, for the
// codecs of this tree that write JSON without reflection.
package jsontext
