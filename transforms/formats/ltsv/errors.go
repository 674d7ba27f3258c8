package ltsv

import (
	"errors"
	"fmt"
	"strconv"
)

// Causes of an [Error], for errors.Is.
var (
	// ErrMissingColon: a field has no colon, or is empty as after a trailing TAB.
	ErrMissingColon = errors.New("field has no colon")
	// ErrEmptyLabel: a field begins with its colon.
	ErrEmptyLabel = errors.New("empty label")
	// ErrLabel: a label has a byte other than [0-9A-Za-z_.-].
	ErrLabel = errors.New("byte not allowed in a label")
	// ErrDuplicate: a label occurs twice in a record.
	ErrDuplicate = errors.New("duplicate label")
	// ErrControl: a value has NUL, CR, or, when formatting, TAB or LF.
	ErrControl = errors.New("control byte not allowed in a value")
	// ErrByteOrderMark: the record begins with a UTF-8 byte order mark.
	ErrByteOrderMark = errors.New("byte order mark")
	// ErrSeveralRecords: there is a line feed before the end of the record.
	ErrSeveralRecords = errors.New("line feed inside one record")
	// ErrTooLong: the record is longer than Options.MaxBytes.
	ErrTooLong = errors.New("record too long")
	// ErrValue: a value cannot be read as the type asked for.
	ErrValue = errors.New("value does not fit its type")
	// ErrUTF8: a label or value is not UTF-8 where text is asked for.
	ErrUTF8 = errors.New("invalid UTF-8")
)

// Error says where in a record something is wrong and what helps.
type Error struct {
	// Line is the line in the message, from 1.
	Line int
	// Byte is the byte in the line, from 1; 0 when formatting.
	Byte int
	// Label is the label at fault, or of the field before it; it may be empty.
	Label string
	// Detail shows the offending bytes, quoted and cut short; it may be empty.
	Detail string
	// Remedy says what the operator can do.
	Remedy string
	// Err is the cause, one of the Err variables of this package or of a
	// package that reads a value, such as cookie.
	Err error
}

// Error reads as position, label, cause, bytes and remedy.
func (e *Error) Error() string {
	b := []byte("ltsv: ")
	if e.Byte > 0 {
		b = fmt.Appendf(b, "line %d, byte %d", e.Line, e.Byte)
	} else {
		b = append(b, "format"...)
	}
	if e.Label != "" {
		b = append(b, ", label "...)
		b = strconv.AppendQuote(b, cut([]byte(e.Label)))
	}
	b = fmt.Appendf(b, ": %v", e.Err)
	if e.Detail != "" {
		b = append(b, " in "...)
		b = append(b, e.Detail...)
	}
	if e.Remedy != "" {
		b = append(b, ": "...)
		b = append(b, e.Remedy...)
	}
	return string(b)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// quoteLimit bounds the bytes an error shows of a record.
const quoteLimit = 40

// Quote returns b in double quotes with at most 40 of its bytes, for an error.
func Quote(b []byte) string {
	if len(b) <= quoteLimit {
		return strconv.Quote(string(b))
	}
	return strconv.Quote(string(b[:quoteLimit])) + "… (" + strconv.Itoa(len(b)) + " bytes)"
}

// cut returns label as a string short enough for an error.
func cut(label []byte) string {
	if len(label) > quoteLimit {
		label = label[:quoteLimit]
	}
	return string(label)
}
