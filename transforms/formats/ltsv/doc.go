// Package ltsv reads and writes Labeled Tab-separated Values, one record of an
// access log per line, without allocating memory for each record.
//
// A record is a line of fields separated by TAB; a field is label:value, cut at
// the first colon. By the grammar of http://ltsv.org a label is one or more of
// [0-9A-Za-z_.-] and a value is any bytes but NUL, TAB, LF and CR. There is no
// escape, no quoting, no comment and no declared encoding.
//
// # Strict and lenient
//
// This package decides what the grammar leaves open, or forbids and logs often have:
//
//	input                       strict                    lenient
//	field without a colon       ErrMissingColon           skipped, counted by Record.Skipped
//	empty label                 ErrEmptyLabel             skipped, counted by Record.Skipped
//	other bytes in a label      ErrLabel                  kept, also when not ASCII
//	blanks around a label       ErrLabel                  trimmed; values are never trimmed
//	duplicate label             ErrDuplicate              last value wins, first place is kept
//	empty value                 empty value               the same
//	colon in a value            part of the value         the same
//	LF or CRLF at the end       end of record, removed    the same
//	CR elsewhere                ErrControl                kept
//	NUL                         ErrControl                kept
//	LF elsewhere                ErrSeveralRecords         the same: no record is lost unnoticed
//	byte order mark at start    ErrByteOrderMark          removed
//	trailing or doubled TAB     ErrMissingColon           ignored
//	empty line                  a record without fields   the same
//	invalid UTF-8 in a value    kept byte for byte        the same
//	"-"                         the text "-"              the same; see below
//	two bytes \t                two bytes, no escape      the same
//	line of any length          parsed                    the same; see Options.MaxBytes
//
// [Options.Duplicates] overrides what happens to a duplicate label in either
// mode. A message of several records is cut by [Lines] or read by
// [Parser.Records].
//
// # Types
//
// A value is text until a [Type] is asked to read it. Integers are decimal:
// leading zeros and a sign are read (007 is 7, +5 is 5), exponents, hex, blanks
// and underscores are not, and the whole range of int64 stays exact, above 2^53
// too. Floats are decimal with an optional exponent; hex, NaN and infinities
// are not read. Both, and booleans and times, are null when the value is empty.
// "-" is null by log convention, through [Nulls], for every type but only where
// a caller asks for values rather than bytes.
//
// # Concurrency
//
// A [Parser], a [Formatter] and a [Type] may be shared by goroutines; a
// [Record] may not. The labels and values of a parsed Record are slices of
// the input and live as long as the input is left alone.
package ltsv
