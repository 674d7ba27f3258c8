package ltsvjson

import (
	"bytes"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// order is the labels of a line in their order. The lines of a log mostly have the same ones,
// so that a label need not be looked for where it is expected, nor be compared with all
// before it.
type order []ordered

type ordered struct {
	prefix []byte // the label and its colon
	field  *field
}

// longLabel is longer than labels are: a writer does not keep what comes with one line.
const longLabel = 256

// orderOf returns the order of a line that [Encoder.appendFast] reads, and an empty one of
// any other.
func orderOf(e *Encoder, line []byte) order {
	if e.table == nil {
		return order{}
	}
	var seen labels
	o := order{}
	for at, end := 0, 0; end < len(line); at = end + 1 {
		if end = bytes.IndexByte(line[at:], '\t'); end < 0 {
			end = len(line) - at
		}
		end += at
		colon := findColon(line[:end], at)
		if colon <= at || colon-at > longLabel {
			return order{}
		}
		label := line[at:colon]
		h := hashLabel(line, at, colon)
		f := e.table.find(label, h)
		if !seen.addField(f, line, at, colon, h) || f == nil && !ltsv.ValidLabel(label) {
			return order{}
		}
		if f == nil {
			f = e.unnamed(label)
		}
		o = append(o, ordered{append(bytes.Clone(label), ':'), f})
	}
	return o
}

// append is [Encoder.appendFast] for a line that has the labels of o and no others. It says
// false for any other.
func (o order) append(e *Encoder, dst, line []byte) ([]byte, bool) {
	if tooLong(line, e.opts.Parse.MaxBytes) {
		return dst, false
	}
	start, at := len(dst), 0
	for i := range o {
		prefix := o[i].prefix
		if at > len(line) || !bytes.HasPrefix(line[at:], prefix) {
			return dst[:start], false
		}
		end, ok := 0, false
		if dst, end, ok = e.fastField(dst, line, at, at+len(prefix)-1, o[i].field); !ok {
			return dst[:start], false
		}
		if at = end + 1; end == len(line) && i == len(o)-1 {
			return closeObject(dst, start), true
		}
	}
	return dst[:start], false
}
