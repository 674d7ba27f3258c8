package ltsv

import "bytes"

// FormatOptions changes how a [Formatter] writes. Nil means all defaults.
type FormatOptions struct {
	// Replacement takes the place of each NUL, TAB, LF and CR in a value, and of
	// each byte that no label may hold. Default 0: such a byte is an error.
	// A replacement that is itself not allowed in a label is not used there.
	Replacement byte
}

// Formatter writes records. It holds no state of a record.
type Formatter struct {
	replacement byte
}

// NewFormatter returns a formatter; o may be nil.
func NewFormatter(o *FormatOptions) *Formatter {
	if o == nil {
		return &Formatter{}
	}
	return &Formatter{replacement: o.Replacement}
}

// Append appends r to dst without a line end. On error dst comes back as given.
func (f *Formatter) Append(dst []byte, r *Record) ([]byte, error) {
	start := len(dst)
	for i := range r.fields {
		var err error
		if dst, err = f.AppendField(dst, start, r.fields[i].Label, r.fields[i].Value); err != nil {
			return dst[:start], err
		}
	}
	return dst, nil
}

// AppendField appends label:value to dst, after a TAB unless the record, which
// begins at start, is still empty. On error dst comes back as given.
func (f *Formatter) AppendField(dst []byte, start int, label, value []byte) ([]byte, error) {
	given := len(dst)
	if len(dst) > start {
		dst = append(dst, '\t')
	}
	dst, err := f.appendLabel(dst, label)
	if err != nil {
		return dst[:given], err
	}
	dst = append(dst, ':')
	for {
		i := bytes.IndexAny(value, "\x00\t\n\r")
		if i < 0 {
			return append(dst, value...), nil
		}
		if f.replacement == 0 {
			return dst[:given], &Error{Label: cut(label), Err: ErrControl, Detail: Quote(value[i : i+1]),
				Remedy: "remove it, or set a replacement"}
		}
		dst = append(dst, value[:i]...)
		dst = append(dst, f.replacement)
		value = value[i+1:]
	}
}

func (f *Formatter) appendLabel(dst, label []byte) ([]byte, error) {
	if len(label) == 0 {
		return dst, &Error{Err: ErrEmptyLabel, Remedy: "name the field"}
	}
	i := badLabelByte(label)
	if i < 0 {
		return append(dst, label...), nil
	}
	if !labelByte[f.replacement] {
		return dst, &Error{Label: cut(label), Err: ErrLabel, Detail: Quote(label[i : i+1]),
			Remedy: "use only [0-9A-Za-z_.-], or set a replacement that is one of them"}
	}
	for _, c := range label {
		if !labelByte[c] {
			c = f.replacement
		}
		dst = append(dst, c)
	}
	return dst, nil
}
