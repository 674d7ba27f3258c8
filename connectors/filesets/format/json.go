package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

var _ Format = JSON{}

// JSON is files of one JSON value a line, as [data.AppendJSON] writes it. A
// record that came from Kafka as JSON is written as it came, line breaks
// between its parts left out.
type JSON struct{}

// Class is JsonFormat.
func (JSON) Class() string { return "JsonFormat" }

// Ext is .json.
func (JSON) Ext() string { return ".json" }

// Codecs is nil.
func (JSON) Codecs() []string { return nil }

// Encoder returns an encoder of lines. It remembers no schemas.
func (JSON) Encoder(int) Encoder { return &jsonEncoder{} }

// Open begins a file of lines.
func (JSON) Open(w io.Writer, _ *Schema, _ Options) (Writer, error) { return newLineWriter(w), nil }

// Read reads lines; numbers are [json.Number].
func (JSON) Read(r io.Reader) (Reader, error) { return jsonReader{bufio.NewReader(r)}, nil }

type jsonEncoder struct {
	buf     []byte
	compact bytes.Buffer
}

// Encode implements [Encoder].
func (e *jsonEncoder) Encode(value *connect.Payload) (Row, error) {
	schema, v, err := value.Decode() // damaged JSON is found here
	if err != nil {
		return Row{}, err
	}
	raw, ok := value.Raw(connect.FormatJSON)
	if !ok {
		if e.buf, err = data.AppendJSON(e.buf[:0], schema, v, data.JSONOptions{}); err != nil {
			return Row{}, err
		}
		return Row{Bytes: e.buf}, nil
	}
	if !bytes.ContainsAny(raw, "\r\n") { // Hadoop ends a line at either
		return Row{Bytes: raw}, nil
	}
	e.compact.Reset()
	if err := json.Compact(&e.compact, raw); err != nil {
		return Row{}, err
	}
	return Row{Bytes: e.compact.Bytes()}, nil
}

type jsonReader struct{ lines *bufio.Reader }

// Next implements [Reader].
func (j jsonReader) Next() (any, error) {
	line, err := nextLine(j.lines)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("line %.80q: %w", line, err)
	}
	return v, nil
}
