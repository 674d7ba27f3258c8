package ltsv

import (
	"bytes"
	"iter"
)

// Duplicates says what becomes of a label that occurs twice in a record.
type Duplicates int

// What becomes of a duplicate label.
const (
	// DuplicatesDefault rejects when strict and keeps the last when lenient.
	DuplicatesDefault Duplicates = iota
	// RejectDuplicates makes the record an error.
	RejectDuplicates
	// KeepLast keeps the last value, at the place of the first.
	KeepLast
	// KeepFirst keeps the first value.
	KeepFirst
)

// Options changes how a [Parser] reads. Nil means all defaults.
type Options struct {
	// Lenient accepts what the grammar forbids, as the package says. Default false.
	Lenient bool
	// Duplicates says what becomes of a duplicate label. Default DuplicatesDefault.
	Duplicates Duplicates
	// MaxBytes is the longest record accepted, in bytes. Default 0, no bound.
	MaxBytes int
}

// Parser reads records. It holds no state of a record.
type Parser struct {
	opts Options
}

// NewParser returns a parser; o may be nil.
func NewParser(o *Options) *Parser {
	var p Parser
	if o != nil {
		p.opts = *o
	}
	if p.opts.Duplicates == DuplicatesDefault {
		p.opts.Duplicates = RejectDuplicates
		if p.opts.Lenient {
			p.opts.Duplicates = KeepLast
		}
	}
	return &p
}

// Parse reads the one record of line into r, whose former fields are gone.
// One LF or CRLF at the end is not part of the record. An error is an *[Error]
// and leaves in r the fields before it.
func (p *Parser) Parse(r *Record, line []byte) error {
	r.Reset()
	return p.parse(r, line)
}

// Records reads message as lines, each a record, into one Record that the next
// round overwrites. A line that is not a record yields its error, and the lines
// after it are still read. Empty lines yield no record.
func (p *Parser) Records(message []byte) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		var r Record
		n := 0
		for line := range Lines(message) {
			n++
			if len(line) == 0 {
				continue
			}
			r.Reset()
			r.line = n
			if err := p.parse(&r, line); !yield(&r, err) {
				return
			}
		}
	}
}

// Lines cuts message at each LF and removes it, and a CR before it. The last
// line may lack its LF; a final LF does not begin another line.
func Lines(message []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(message) > 0 {
			line := message
			if i := bytes.IndexByte(message, '\n'); i >= 0 {
				line, message = message[:i], message[i+1:]
				line = bytes.TrimSuffix(line, []byte{'\r'})
			} else {
				message = nil
			}
			if !yield(line) {
				return
			}
		}
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// parse reads line field by field. Offsets count from the line's first byte, a
// byte order mark included.
func (p *Parser) parse(r *Record, line []byte) error {
	if longest := p.opts.MaxBytes; longest > 0 && len(line) > longest {
		return r.fail(longest, nil, ErrTooLong, nil, "raise the bound, or cut the line where it is written")
	}
	line = trimEnd(line)
	at := 0
	if bytes.HasPrefix(line, byteOrderMark) {
		if !p.opts.Lenient {
			return r.fail(0, nil, ErrByteOrderMark, nil, "remove it where the line is written, or parse leniently")
		}
		at = len(byteOrderMark)
	}
	if at == len(line) {
		return nil
	}
	for {
		end := len(line)
		if i := bytes.IndexByte(line[at:], '\t'); i >= 0 {
			end = at + i
		}
		if err := p.field(r, line[at:end], at); err != nil {
			return err
		}
		if end == len(line) {
			return nil
		}
		at = end + 1
	}
}

// trimEnd removes one LF or CRLF from the end of line.
func trimEnd(line []byte) []byte {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
		if n > 0 && line[n-1] == '\r' {
			n--
		}
	}
	return line[:n]
}

// field reads field, which begins at offset at of its line, into r.
func (p *Parser) field(r *Record, field []byte, at int) error {
	colon := bytes.IndexByte(field, ':')
	if colon <= 0 {
		return p.malformed(r, field, at, colon)
	}
	label, value := field[:colon], field[colon+1:]
	if err := p.checkValue(r, label, value, at+colon+1); err != nil {
		return err
	}
	if i := badLabelByte(label); i >= 0 {
		if bytes.IndexByte(label, '\n') >= 0 {
			return r.severalRecords(at+bytes.IndexByte(label, '\n'), nil)
		}
		if !p.opts.Lenient {
			return r.fail(at+i, label, ErrLabel, label[i:i+1],
				"use only [0-9A-Za-z_.-], or parse leniently to keep it")
		}
		label = bytes.Trim(label, " ")
		if len(label) == 0 {
			r.skipped++
			return nil
		}
	}
	return p.add(r, Field{Label: label, Value: value, Offset: at + colon + 1}, at)
}

// malformed handles a field with no colon (colon < 0) or no label (colon 0).
func (p *Parser) malformed(r *Record, field []byte, at, colon int) error {
	if i := bytes.IndexByte(field, '\n'); i >= 0 {
		return r.severalRecords(at+i, nil)
	}
	if p.opts.Lenient {
		if len(field) > 0 {
			r.skipped++
		}
		return nil
	}
	var before []byte
	if n := len(r.fields); n > 0 {
		before = r.fields[n-1].Label
	}
	switch {
	case colon == 0:
		return r.fail(at, before, ErrEmptyLabel, field, "write label:value, or parse leniently to skip the field")
	case len(field) == 0:
		return r.fail(at, before, ErrMissingColon, field,
			"remove the trailing or doubled TAB, or parse leniently to ignore it")
	default:
		return r.fail(at, before, ErrMissingColon, field, "write label:value, or parse leniently to skip the field")
	}
}

// checkValue refuses what no value of one record may hold. Control bytes are
// looked for with bytes.IndexByte, which is vectorised, once for each.
func (p *Parser) checkValue(r *Record, label, value []byte, at int) error {
	if i := bytes.IndexByte(value, '\n'); i >= 0 {
		return r.severalRecords(at+i, label)
	}
	if p.opts.Lenient {
		return nil
	}
	i := bytes.IndexByte(value, 0)
	if i < 0 {
		i = bytes.IndexByte(value, '\r')
	}
	if i < 0 {
		return nil
	}
	return r.fail(at+i, label, ErrControl, value[i:i+1],
		"remove it where the line is written, or parse leniently to keep it")
}

// add appends f, whose label begins at offset at, or does with a duplicate as the options say.
func (p *Parser) add(r *Record, f Field, at int) error {
	i := r.find(f.Label)
	if i < 0 {
		r.fields = append(r.fields, f)
		return nil
	}
	switch p.opts.Duplicates {
	case KeepFirst:
		return nil
	case KeepLast:
		r.fields[i].Value, r.fields[i].Offset = f.Value, f.Offset
		return nil
	default:
		return r.fail(at, f.Label, ErrDuplicate, nil, "write each label once, or choose to keep the first or the last")
	}
}

func (r *Record) severalRecords(at int, label []byte) error {
	return r.fail(at, label, ErrSeveralRecords, nil, "cut the message into lines first")
}

// fail makes an Error at offset at of the record's line.
func (r *Record) fail(at int, label []byte, cause error, detail []byte, remedy string) error {
	e := &Error{Line: max(r.line, 1), Byte: at + 1, Label: cut(label), Err: cause, Remedy: remedy}
	if detail != nil {
		e.Detail = Quote(detail)
	}
	return e
}

// badLabelByte returns where label leaves the grammar, or -1.
func badLabelByte(label []byte) int {
	for i, c := range label {
		if !labelByte[c] {
			return i
		}
	}
	return -1
}

// ValidLabel reports whether label is one by the grammar.
func ValidLabel(label []byte) bool {
	return len(label) > 0 && badLabelByte(label) < 0
}

// labelByte tells the bytes of a label.
var labelByte = func() (t [256]bool) {
	for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-") {
		t[c] = true
	}
	return t
}()
