package letter

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Payload is a key, a value or the value of a header, readable.
type Payload struct {
	// Text is the beginning of what is text; nil of other bytes and of null.
	Text *string `json:"text,omitempty"`
	// Base64 is the beginning of other bytes.
	Base64 string `json:"base64,omitempty"`
	// Bytes is how many bytes there are, -1 of null.
	Bytes int `json:"bytes"`
	// Cut is that only the beginning is shown.
	Cut bool `json:"cut,omitempty"`

	shown []byte
}

// Readable returns at most limit bytes readable, or all if limit is 0.
func Readable(b []byte, limit int) Payload {
	if b == nil {
		return Payload{Bytes: -1}
	}
	p := Payload{Bytes: len(b), shown: b}
	text := isText(b)
	if limit > 0 && len(b) > limit {
		p.shown, p.Cut = b[:limit], true
	}
	if !text {
		p.Base64 = base64.StdEncoding.EncodeToString(p.shown)
		return p
	}
	whole := strings.ToValidUTF8(string(p.shown), "") // a character may be cut in two
	p.Text = &whole
	return p
}

// isText reports whether bytes are a text that a person can read.
func isText(b []byte) bool {
	return utf8.Valid(b) && !strings.ContainsFunc(string(b), func(r rune) bool {
		return !unicode.IsPrint(r) && !unicode.IsSpace(r)
	})
}

// String is the payload for a person.
func (p Payload) String() string {
	rest := ""
	if p.Cut {
		rest = fmt.Sprintf("… (cut, %d bytes)", p.Bytes)
	}
	switch {
	case p.Bytes < 0:
		return "null"
	case p.Bytes == 0:
		return "empty"
	case p.Text != nil:
		return *p.Text + rest
	}
	return fmt.Sprintf("%d bytes, in hex: %s%s", p.Bytes, hex.EncodeToString(p.shown), rest)
}
