package ltsvjson

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/cookie"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// appendCookie appends header as an object, after the key of f, which begins at
// start. Of a name that occurs twice the first is kept: user agents send the
// cookie of the longer path first (RFC 6265, section 5.4).
func (e *Encoder) appendCookie(dst []byte, start int, f *field, header []byte) ([]byte, error) {
	given := len(dst)
	var broken error
	var seen names
	for rest := header; ; {
		pair, name, value, next := cookie.Next(rest)
		if pair == nil {
			break
		}
		rest = next
		out, err := e.appendPair(dst, given, &seen, pair, name, value)
		if err != nil && broken == nil {
			broken = err
		}
		dst = out
	}
	if broken == nil {
		return closeObject(dst, given), nil
	}
	switch {
	case e.opts.BadCookie == Null:
		return e.appendNull(dst[:start], start, f), nil
	case e.opts.BadCookie == Raw:
		if seen.has([]byte(cookie.RawName)) {
			dst = dst[:given] // the text has that cookie, and all others
		}
		dst = append(dst, `,"`+cookie.RawName+`":`...)
		dst, broken = e.appendString(dst, header)
		return closeObject(dst, given), broken
	default:
		return dst, broken
	}
}

// appendPair appends one cookie to the object that begins at object. On error,
// or when the name was there before, dst comes back as given.
func (e *Encoder) appendPair(dst []byte, object int, seen *names, pair, name, value []byte) ([]byte, error) {
	if name == nil {
		return dst, cookie.Broken("want name=value", pair)
	}
	if !utf8.Valid(name) {
		if e.opts.RejectInvalidUTF8 {
			return dst, fmt.Errorf("%w: %s", ltsv.ErrUTF8, ltsv.Quote(name))
		}
		name = []byte(string([]rune(string(name)))) // as it is written, so that no key is written twice
	}
	if seen.has(name) {
		return dst, nil
	}
	given := len(dst)
	dst = jsontext.AppendString(append(dst, ','), name)
	dst = append(dst, ':')
	out, err := e.appendDecoded(dst, value)
	if err != nil {
		return dst[:given], err
	}
	seen.add(name)
	return out, nil
}

// appendDecoded appends a cookie's value as a JSON string. A decoded value is
// appended first and then escaped in its place if it must be, so nothing is allocated.
func (e *Encoder) appendDecoded(dst, value []byte) ([]byte, error) {
	if bytes.IndexByte(value, '%') < 0 {
		return e.appendString(dst, value)
	}
	given := len(dst)
	dst = append(dst, '"')
	from := len(dst)
	dst, err := cookie.AppendDecoded(dst, value)
	if err != nil {
		return dst[:given], err
	}
	to := len(dst)
	if jsontext.Special(dst[from:to], 0) == to-from {
		return append(dst, '"'), nil
	}
	if e.opts.RejectInvalidUTF8 && !utf8.Valid(dst[from:to]) {
		return dst[:given], fmt.Errorf("%w: %s", ltsv.ErrUTF8, ltsv.Quote(dst[from:to]))
	}
	dst = jsontext.AppendEscaped(dst, dst[from:to])
	n := copy(dst[from:], dst[to:])
	return append(dst[:from+n], '"'), nil
}

// names remembers the cookies of one header, few of which have many.
type names struct {
	few  [16][]byte
	n    int
	many map[string]struct{}
}

func (s *names) has(name []byte) bool {
	for i := range min(s.n, len(s.few)) {
		if bytes.Equal(s.few[i], name) {
			return true
		}
	}
	_, ok := s.many[string(name)]
	return ok
}

func (s *names) add(name []byte) {
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return
	}
	if s.many == nil {
		s.many = map[string]struct{}{}
	}
	s.many[string(name)] = struct{}{}
}
