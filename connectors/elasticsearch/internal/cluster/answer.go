package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ItemError is the cause Elasticsearch gives for one item or one request.
type ItemError struct {
	// Type is Elasticsearch's name of the error, such as mapper_parsing_exception.
	Type string `json:"type"`
	// Reason is a sentence for people.
	Reason string `json:"reason"`
	// Index is the index that the error is about, of a data stream the backing
	// index; empty when Elasticsearch names none.
	Index string `json:"index"`
	// CausedBy is the error behind this one, nil when there is none.
	CausedBy *ItemError `json:"caused_by"`
}

// UnmarshalJSON also takes the plain text that some answers carry.
func (e *ItemError) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.Reason)
	}
	type plain ItemError
	return json.Unmarshal(b, (*plain)(e))
}

// MaxReason bounds what is told of a reason, in bytes: Elasticsearch puts whole
// values into some, and a dead letter with such headers would be too long.
const MaxReason = 1000

// Text is the reason with the innermost cause, when that says more.
func (e *ItemError) Text() string { return Cut(e.causes(), MaxReason) }

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

func (e *ItemError) causes() string {
	last := e
	for last.CausedBy != nil {
		last = last.CausedBy
	}
	if last == e || last.Reason == "" || last.Reason == e.Reason {
		return e.Reason
	}
	return e.Reason + ": " + last.Reason
}

// ItemResult is the answer to one item of a bulk request.
type ItemResult struct {
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

// ParseAnswer returns the results of want items, or nil when all succeeded. An
// answer that does not tell the status of every item is an error: no document
// may be taken for written, or blamed, without one.
func ParseAnswer(b []byte, want int) ([]ItemResult, error) {
	if bytes.HasPrefix(b, noErrors) {
		return nil, nil
	}
	var answer struct {
		Errors *bool
		Items  []map[string]ItemResult
	}
	if err := json.Unmarshal(b, &answer); err != nil || answer.Errors == nil {
		return nil, fmt.Errorf("the answer to a bulk request is unreadable: %.80q", b)
	}
	if !*answer.Errors {
		return nil, nil
	}
	if len(answer.Items) != want {
		return nil, fmt.Errorf("the answer to a bulk request has %d items, not %d", len(answer.Items), want)
	}
	results := make([]ItemResult, want)
	for i, item := range answer.Items {
		for _, r := range item {
			results[i] = r
		}
		if results[i].Status < 100 {
			return nil, fmt.Errorf("the answer to a bulk request has no status for item %d", i)
		}
	}
	return results, nil
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
