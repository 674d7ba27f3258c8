package format

import (
	"bufio"
	"io"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var _ Format = Text{}

// Text is files of one line a record: strings and bytes as they are, all else as
// [data.AppendText] writes it. A string with a line break takes several lines,
// as in Java's StringFormat.
type Text struct{}

// Class is StringFormat.
func (Text) Class() string { return "StringFormat" }

// Ext is .txt.
func (Text) Ext() string { return ".txt" }

// Codecs is nil.
func (Text) Codecs() []string { return nil }

// Encoder returns an encoder of lines. It remembers no schemas.
func (Text) Encoder(int) Encoder { return &textEncoder{} }

// Open begins a file of lines.
func (Text) Open(w io.Writer, _ *Schema, _ Options) (Writer, error) { return newLineWriter(w), nil }

// Read reads lines, each a string.
func (Text) Read(r io.Reader) (Reader, error) { return textReader{bufio.NewReader(r)}, nil }

type textEncoder struct{ buf []byte }

// Encode implements [Encoder].
func (e *textEncoder) Encode(value *connect.Payload) (Row, error) {
	schema, v, err := value.Decode()
	if err != nil {
		return Row{}, err
	}
	if b, ok := v.([]byte); ok {
		return Row{Bytes: b}, nil
	}
	if e.buf, err = data.AppendText(e.buf[:0], schema, v); err != nil {
		return Row{}, err
	}
	return Row{Bytes: e.buf}, nil
}

type textReader struct{ lines *bufio.Reader }

// Next implements [Reader].
func (t textReader) Next() (any, error) {
	line, err := nextLine(t.lines)
	if err != nil {
		return nil, err
	}
	return string(line), nil
}
