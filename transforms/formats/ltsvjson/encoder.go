package ltsvjson

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// Encoder turns LTSV records into JSON objects. It may be shared by goroutines.
type Encoder struct {
	opts    Options
	fields  map[string]*field
	table   *table
	other   *field // what is done with labels the options do not name
	parser  *ltsv.Parser
	records sync.Pool
}

// New compiles o, which may be nil, or reports every contradiction in it.
func New(o *Options) (*Encoder, error) {
	e := &Encoder{other: &field{action: writeString}}
	if o != nil {
		e.opts = *o
	}
	if e.opts.Nulls == nil {
		e.opts.Nulls = ltsv.DefaultNulls()
	}
	var err error
	if e.fields, err = e.opts.fields(); err != nil {
		return nil, fmt.Errorf("ltsv to json: %w", err)
	}
	if len(e.opts.Keep) > 0 {
		e.other.action = drop
	}
	e.table = newTable(e.fields)
	e.parser = ltsv.NewParser(&e.opts.Parse)
	e.records.New = func() any { return new(ltsv.Record) }
	return e, nil
}

// Append appends the JSON object of the one record in line to dst, without a
// line end. On error dst comes back as given, and the error is an *[ltsv.Error].
func (e *Encoder) Append(dst, line []byte) ([]byte, error) {
	if out, ok := e.appendFast(dst, line); ok {
		return out, nil
	}
	return e.appendParsed(dst, line)
}

// appendParsed reads line by the parser, which is what decides whenever
// appendFast meets something that is not plain.
func (e *Encoder) appendParsed(dst, line []byte) ([]byte, error) {
	r := e.records.Get().(*ltsv.Record)
	defer e.records.Put(r)
	if err := e.parser.Parse(r, line); err != nil {
		return dst, err
	}
	return e.AppendRecord(dst, r)
}

// AppendRecord appends the JSON object of r, as Append does for a line.
func (e *Encoder) AppendRecord(dst []byte, r *ltsv.Record) ([]byte, error) {
	start := len(dst)
	var last map[string]int
	for i := range r.Len() {
		f := r.Field(i)
		do, ok := e.fields[string(f.Label)]
		if !ok {
			do = e.unnamed(f.Label)
		}
		if !ok && bytes.ContainsRune(f.Label, utf8.RuneError) {
			if last == nil {
				last = lastOfName(r)
			}
			if last[written(f.Label)] != i {
				continue
			}
		}
		out, err := e.appendField(dst, do, f.Value)
		if err == nil && e.opts.RejectInvalidUTF8 && do.action != drop && !utf8.Valid(f.Label) {
			err = ltsv.ErrUTF8
		}
		if err != nil {
			return dst[:start], &ltsv.Error{Line: max(r.Line(), 1), Byte: f.Offset + 1,
				Label: do.label, Err: err, Remedy: remedy(do.action, err)}
		}
		dst = out
	}
	return closeObject(dst, start), nil
}

// written returns label with U+FFFD for each byte that is not UTF-8.
func written(label []byte) string { return string([]rune(string(label))) }

// lastOfName returns the last field of each name that is written. Labels that
// differ only in bytes that are not UTF-8 have one name, and the last counts.
func lastOfName(r *ltsv.Record) map[string]int {
	last := make(map[string]int, r.Len())
	for i := range r.Len() {
		last[written(r.Field(i).Label)] = i
	}
	return last
}

// unnamed makes a field for a label that the options do not name.
func (e *Encoder) unnamed(label []byte) *field {
	f := newField(label)
	f.action = e.other.action
	return f
}

func remedy(a action, err error) string {
	switch {
	case a == writeCookie:
		return "choose null or raw for broken cookies to keep the record"
	case errors.Is(err, ltsv.ErrUTF8):
		return "let invalid UTF-8 be replaced to keep the record"
	default:
		return "choose null or raw for bad values to keep the record"
	}
}

// closeObject ends the object whose fields, each after a comma, begin at start.
func closeObject(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, '{', '}')
	}
	dst[start] = '{'
	return append(dst, '}')
}

// appendField appends a comma, the key and the value of f, or nothing when f is
// dropped or an omitted null.
func (e *Encoder) appendField(dst []byte, f *field, v []byte) ([]byte, error) {
	if f.action == drop {
		return dst, nil
	}
	start := len(dst)
	if e.opts.Nulls.Match(v) {
		return e.appendNull(dst, start, f), nil
	}
	dst = append(dst, f.key...)
	switch f.action {
	case writeString:
		return e.appendString(dst, v)
	case writeCookie:
		return e.appendCookie(dst, start, f, v)
	}
	if len(v) == 0 {
		return e.appendNull(dst[:start], start, f), nil
	}
	out, err := appendTyped(dst, f, v, e.opts.Times)
	if err == nil {
		return out, nil
	}
	switch e.opts.BadValue {
	case Null:
		return e.appendNull(dst[:start], start, f), nil
	case Raw:
		return e.appendString(dst, v)
	default:
		return dst, err
	}
}

func (e *Encoder) appendNull(dst []byte, start int, f *field) []byte {
	if e.opts.OmitNulls {
		return dst[:start]
	}
	dst = append(dst, f.key...)
	return append(dst, "null"...)
}

func (e *Encoder) appendString(dst, v []byte) ([]byte, error) {
	if e.opts.RejectInvalidUTF8 && !utf8.Valid(v) {
		return dst, fmt.Errorf("%w: %s", ltsv.ErrUTF8, ltsv.Quote(v))
	}
	return jsontext.AppendString(dst, v), nil
}

// appendFast is Append for a line that is plain: labels of the grammar, none
// twice, values that need no reading twice. It says false for any other.
func (e *Encoder) appendFast(dst, line []byte) ([]byte, bool) {
	if e.table == nil || len(line) == 0 || tooLong(line, e.opts.Parse.MaxBytes) {
		return dst, false
	}
	start, at := len(dst), 0
	var seen labels
	for {
		colon := findColon(line, at)
		if colon <= at {
			return dst, false
		}
		h := hashLabel(line, at, colon)
		f := e.table.find(line[at:colon], h)
		if !seen.addField(f, line, at, colon, h) {
			return dst, false
		}
		if f == nil {
			if !ltsv.ValidLabel(line[at:colon]) {
				return dst, false
			}
			f = e.other
		}
		end, ok := 0, false
		if dst, end, ok = e.fastField(dst, line, at, colon, f); !ok {
			return dst, false
		}
		if end == len(line) {
			return closeObject(dst, start), true
		}
		at = end + 1
	}
}

func tooLong(line []byte, longest int) bool { return longest > 0 && len(line) > longest }

// fastField appends the field that begins at at and whose value begins after
// colon. It returns where the value ends.
func (e *Encoder) fastField(dst, line []byte, at, colon int, f *field) ([]byte, int, bool) {
	from := colon + 1
	end := jsontext.Special(line, from)
	plain := end == len(line) || line[end] == '\t'
	if !plain {
		if end = valueEnd(line, end); end < 0 {
			return dst, 0, false
		}
	}
	v := line[from:end]
	switch {
	case f == e.other:
		out, err := e.appendUnnamed(dst, line[at:colon], v, plain)
		return out, end, err == nil
	case f.action == writeString && plain && !e.opts.Nulls.Match(v):
		return appendQuoted(append(dst, f.key...), v), end, true
	}
	out, err := e.appendField(dst, f, v)
	return out, end, err == nil
}

// appendUnnamed is appendField for a label of the grammar that the options do
// not name. A plain value needs no escape.
func (e *Encoder) appendUnnamed(dst, label, v []byte, plain bool) ([]byte, error) {
	null := e.opts.Nulls.Match(v)
	if e.other.action == drop || null && e.opts.OmitNulls {
		return dst, nil
	}
	dst = append(appendQuoted(append(dst, ','), label), ':')
	switch {
	case null:
		return append(dst, "null"...), nil
	case plain:
		return appendQuoted(dst, v), nil
	}
	return e.appendString(dst, v)
}

func appendQuoted(dst, plain []byte) []byte {
	return append(append(append(dst, '"'), plain...), '"')
}

// valueEnd returns where the value ends whose byte i is not plain, or -1 if it
// contains a byte that the parser must decide about: NUL, CR or LF.
func valueEnd(line []byte, i int) int {
	for ; i < len(line); i = jsontext.Special(line, i+1) {
		switch line[i] {
		case '\t':
			return i
		case 0, '\r', '\n':
			return -1
		}
	}
	return i
}
