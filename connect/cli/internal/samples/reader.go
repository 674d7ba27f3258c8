package samples

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The forms of an input.
const (
	// Auto tells the other two apart by the first line.
	Auto = "auto"
	// Records has a record in JSON on each line.
	Records = "records"
	// Lines has the text of a value on each line.
	Lines = "lines"
)

// Reader reads samples, each as soon as its line is there.
type Reader struct {
	in   *bufio.Reader
	form string
	line int
}

// NewReader returns a reader of an input of the form.
func NewReader(in io.Reader, form string) *Reader {
	return &Reader{in: bufio.NewReader(in), form: form}
}

// Next returns the next sample. The error is [io.EOF] at the end, and names the line of one
// that is no record.
func (r *Reader) Next() (Sample, error) {
	for {
		line, err := r.in.ReadBytes('\n')
		if len(line) == 0 {
			return Sample{}, err
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return Sample{}, err
		}
		r.line++
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if r.form == Auto {
			r.form = formOf(line)
		}
		if r.form == Lines {
			return Sample{Line: r.line, Value: Text(string(line))}, nil
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := Parse(line)
		if err != nil {
			return Sample{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		s.Line = r.line
		return s, nil
	}
}

// formOf tells whether a line is a record: an object with a key or a value, and nothing
// that a record does not have.
func formOf(line []byte) string {
	var fields map[string]json.RawMessage
	if len(bytes.TrimSpace(line)) == 0 {
		return Auto // which the next line decides; a blank one is a record of neither
	}
	if json.Unmarshal(line, &fields) != nil {
		return Lines
	}
	payload := false
	for name := range fields {
		if !slices.Contains(known, name) {
			return Lines
		}
		payload = payload || strings.HasPrefix(name, "key") || strings.HasPrefix(name, "value")
	}
	if payload {
		return Records
	}
	return Lines
}
