package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ItemError is the cause Elasticsearch gives for one item or one request. None of
// its texts is longer than [MaxReason].
type ItemError struct {
	// Type is Elasticsearch's name of the error, such as mapper_parsing_exception.
	Type string `json:"type"`
	// Reason is a sentence for people.
	Reason string `json:"reason"`
	// Index is the index that the error is about, of a data stream the backing
	// index; empty when Elasticsearch names none.
	Index string `json:"index"`
	// Cause is the sentence of the innermost cause; empty when there is none behind
	// this error.
	Cause string `json:"-"`
}

// maxCauses bounds how many causes behind an error are looked at.
const maxCauses = 16

// UnmarshalJSON also takes the plain text that some answers carry.
func (e *ItemError) UnmarshalJSON(b []byte) error {
	for depth := 0; len(b) > 0 && depth <= maxCauses; depth++ {
		var level struct {
			Type     string          `json:"type"`
			Reason   string          `json:"reason"`
			Index    string          `json:"index"`
			CausedBy json.RawMessage `json:"caused_by"`
		}
		text := &level.Reason
		if b[0] != '"' {
			if err := json.Unmarshal(b, &level); err != nil {
				return err
			}
		} else if err := json.Unmarshal(b, text); err != nil {
			return err
		}
		if reason := short(*text); depth == 0 {
			e.Type, e.Reason, e.Index = short(level.Type), reason, short(level.Index)
		} else if reason != "" {
			e.Cause = reason
		}
		b = level.CausedBy
	}
	return nil
}

// short cuts a text of an answer, and does not keep the rest of it in memory.
func short(s string) string { return strings.Clone(Cut(s, MaxReason)) }

// MaxReason bounds what is told of a reason, in bytes: Elasticsearch puts whole
// values into some, and a dead letter with such headers would be too long.
const MaxReason = 1000

// Text is the reason with the innermost cause, when that says more.
func (e *ItemError) Text() string {
	if e.Cause == "" || e.Cause == e.Reason {
		return e.Reason
	}
	return Cut(e.Reason+": "+e.Cause, MaxReason)
}

// contents are how the parts of a reason begin that hold something of the document.
var contents = []string{" in document with id", ". Preview of field's value", ", original message:",
	" The prefix of the first", " For input string", " Could not parse"}

// Safe is the reason without what Elasticsearch quotes of the document or its id,
// for logs and for the state of a task.
func (e *ItemError) Safe() string {
	text := e.Reason
	for _, begin := range contents {
		text, _, _ = strings.Cut(text, begin)
	}
	if i := strings.LastIndex(text, "version conflict"); i > 0 {
		text = text[i:] // the id of the document is before it
	}
	return Cut(text, MaxReason)
}

// ItemResult is the answer to one item of a bulk request.
type ItemResult struct {
	// Op is the operation that the answer is about, as the bulk body names it.
	Op string `json:"-"`
	// ID is the id of the document; empty where the answer names none.
	ID string `json:"_id"`
	// Status is the HTTP status of the item.
	Status int `json:"status"`
	// Error is the cause of a failure; nil when there is none, or none is given.
	Error *ItemError `json:"error"`
}

// Kind is the error's type, empty without one.
func (r *ItemResult) Kind() string {
	if r.Error == nil {
		return ""
	}
	return r.Error.Type
}

// Cause is the result as an error.
func (r *ItemResult) Cause() *StatusError {
	e := &StatusError{Status: r.Status}
	if r.Error != nil {
		e.Kind, e.Reason = r.Error.Type, r.Error.Text()
	}
	return e
}

// noErrors is how the filtered answer to a bulk request without failures
// begins; most are recognised by it and never parsed.
var noErrors = []byte(`{"errors":false`)

// ParseAnswer reads the results of want items, or nil when all succeeded, one after
// the other, so that no more of an answer is held than one item. An answer that
// does not tell the status of every item is an error: no document may be taken for
// written, or blamed, without one.
func ParseAnswer(r io.Reader, want int) ([]ItemResult, error) {
	in := bufio.NewReader(r)
	if begin, _ := in.Peek(len(noErrors)); bytes.Equal(begin, noErrors) {
		_, err := io.Copy(io.Discard, in) // so that the connection can be used again
		return nil, err
	}
	p := parser{json.NewDecoder(in), want}
	results, errs, err := p.answer()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer to a bulk request is unreadable: %w", err)
	case !errs:
		return nil, nil
	case len(results) != want:
		return nil, fmt.Errorf("the answer to a bulk request has %d items, not %d", len(results), want)
	}
	for i := range results {
		if s := results[i].Status; s < 100 || s > 599 {
			return nil, fmt.Errorf("the answer to a bulk request has no status for item %d", i)
		}
	}
	return results, nil
}

// parser reads one answer.
type parser struct {
	in   *json.Decoder
	want int
}

// answer reads the results, and whether one of them is a failure.
func (p *parser) answer() (results []ItemResult, failed bool, err error) {
	var errs *bool
	err = p.object(func(name string) error {
		switch name {
		case "errors":
			return p.in.Decode(&errs)
		case "items":
			results, err = p.items()
			return err
		}
		return p.in.Decode(&json.RawMessage{})
	})
	if err == nil && errs == nil {
		err = errors.New(`it has no field "errors"`)
	}
	return results, errs != nil && *errs, err
}

// items reads the results; one more than wanted is enough to know that they are too
// many.
func (p *parser) items() ([]ItemResult, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	results := make([]ItemResult, 0, p.want)
	for p.in.More() {
		if len(results) > p.want {
			return nil, errors.New("it has more items than the request")
		}
		var item ItemResult
		err := p.object(func(name string) error {
			err := p.in.Decode(&item)
			item.Op = name
			return err
		})
		if err != nil {
			return nil, err
		}
		results = append(results, item)
	}
	return results, p.delim(']')
}

// object reads an object; field reads the value of each field.
func (p *parser) object(field func(name string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	for p.in.More() {
		name, err := p.in.Token()
		if err != nil {
			return err
		}
		if err := field(fmt.Sprint(name)); err != nil {
			return err
		}
	}
	return p.delim('}')
}

func (p *parser) delim(want json.Delim) error {
	got, err := p.in.Token()
	if err == nil && got != want {
		err = fmt.Errorf("there is no %v where one belongs", want)
	}
	return err
}

// Cut shortens s to at most n bytes without splitting a character.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
