package tap

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/excerpt"
)

const (
	// maxShown is how many bytes of a key, a value or a header are shown.
	maxShown = 4096
	// maxDepth is how deep what is shown may be nested.
	maxDepth = 100
)

// Mask shows data without what must not be seen. It is safe for concurrent use.
type Mask struct {
	patterns []string
	hide     func(string) string
	all      bool
}

// NewMask returns a mask of the fields whose names match one of the patterns, in which *
// stands for any letters and a capital letter for a small one too. The pattern * hides
// everything. hide takes secrets out of a text.
func NewMask(patterns []string, hide func(string) string) *Mask {
	m := &Mask{hide: hide}
	for _, p := range patterns {
		m.all = m.all || p == "*"
		m.patterns = append(m.patterns, strings.ToLower(p))
	}
	return m
}

// hides reports whether the value of a field of the name is hidden.
func (m *Mask) hides(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "/", "_") // which a star does not match
	for _, p := range m.patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return m.all
}

// payload shows a key or value, the kind of its schema, and why it cannot be shown.
func (m *Mask) payload(p connect.Payload) (shown json.RawMessage, schema string, err error) {
	s, v, err := p.Decode() // of a copy, so the record stays as it is
	if err != nil {
		return null, "", err
	}
	if s != nil {
		schema = strings.TrimSpace(s.Kind.String() + " " + s.Name)
	}
	shown, err = m.data(s, v)
	return shown, schema, err
}

// data shows data.
func (m *Mask) data(s *data.Schema, v any) (json.RawMessage, error) {
	text, err := data.JSON(s, v)
	if err != nil {
		return null, err
	}
	masked, err := m.json(text)
	if err != nil {
		return null, err
	}
	return cut(masked), nil
}

var (
	null   = json.RawMessage("null")
	hidden = quoted(config.Hidden)
)

// raw shows bytes: JSON as it is, text as a text, and of anything else how long it is,
// because what is in it cannot be masked.
func (m *Mask) raw(b []byte) json.RawMessage {
	switch {
	case b == nil:
		return null
	case m.all:
		return hidden
	}
	if masked, err := m.json(b); err == nil {
		return cut(masked)
	}
	if isText(b) {
		return quoted(excerpt.Text(m.hide(string(b)), maxShown))
	}
	size, _ := json.Marshal(map[string]int{"bytes": len(b)})
	return size
}

func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	return !strings.ContainsFunc(string(b), func(c rune) bool { return unicode.IsControl(c) && !unicode.IsSpace(c) })
}

// cut makes a text of the beginning of JSON that is too long.
func cut(text json.RawMessage) json.RawMessage {
	if len(text) <= maxShown {
		return text
	}
	return quoted(excerpt.Text(string(text), maxShown))
}

func quoted(s string) json.RawMessage {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text can always be written
	return bytes.TrimSpace(out.Bytes())
}

var errTooDeep = errors.New("it is nested too deep to be shown")

// json returns JSON with what is masked replaced, its fields in their order.
func (m *Mask) json(text []byte) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out bytes.Buffer
	if err := m.copy(&out, d, 0); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return out.Bytes(), nil
}

// copy copies the next value.
func (m *Mask) copy(out *bytes.Buffer, d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return errTooDeep
	}
	switch token := token.(type) {
	case json.Delim:
		return m.copyInner(out, d, token, depth)
	case string:
		out.Write(m.text(token, depth))
	case nil:
		out.Write(null)
	default:
		if m.all {
			out.Write(hidden)
			return nil
		}
		text, err := json.Marshal(token)
		if err != nil {
			return err
		}
		out.Write(text)
	}
	return nil
}

// text shows a text. JSON in it is masked as any other.
func (m *Mask) text(s string, depth int) []byte {
	if m.all {
		return hidden
	}
	if inner := strings.TrimSpace(s); strings.HasPrefix(inner, "{") || strings.HasPrefix(inner, "[") {
		var out bytes.Buffer
		d := json.NewDecoder(strings.NewReader(inner))
		d.UseNumber()
		if m.copy(&out, d, depth+1) == nil && !d.More() {
			s = out.String()
		}
	}
	return quoted(m.hide(s))
}

// copyInner copies what is in an object or a list that has begun.
func (m *Mask) copyInner(out *bytes.Buffer, d *json.Decoder, begins json.Delim, depth int) error {
	out.WriteRune(rune(begins))
	for first := true; d.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		secret := false
		if begins == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			out.Write(quoted(m.hide(text)))
			out.WriteByte(':')
			secret = !m.all && m.hides(text)
		}
		into := out
		if secret {
			out.Write(hidden)
			into = &bytes.Buffer{} // what is hidden is read and forgotten
		}
		if err := m.copy(into, d, depth+1); err != nil {
			return err
		}
	}
	ends, err := d.Token()
	if err != nil {
		return err
	}
	delim, _ := ends.(json.Delim)
	out.WriteRune(rune(delim))
	return nil
}
