package elasticsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// itemError is the cause Elasticsearch gives for one item or one request.
type itemError struct {
	Type     string     `json:"type"`
	Reason   string     `json:"reason"`
	Index    string     `json:"index"`
	CausedBy *itemError `json:"caused_by"`
}

// UnmarshalJSON also takes the plain text that some answers carry.
func (e *itemError) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.Reason)
	}
	type plain itemError
	return json.Unmarshal(b, (*plain)(e))
}

// maxReason bounds what is told of a reason, in bytes: Elasticsearch puts whole
// values into some, and a dead letter with such headers would be too long.
const maxReason = 1000

// text is the reason with the innermost cause, when that says more.
func (e *itemError) text() string { return cut(e.causes(), maxReason) }

func (e *itemError) causes() string {
	last := e
	for last.CausedBy != nil {
		last = last.CausedBy
	}
	if last == e || last.Reason == "" || last.Reason == e.Reason {
		return e.Reason
	}
	return e.Reason + ": " + last.Reason
}

// itemResult is the answer to one item of a bulk request.
type itemResult struct {
	Status int        `json:"status"`
	Error  *itemError `json:"error"`
}

// noErrors is how the filtered answer to a bulk request without failures
// begins; most are recognised by it and never parsed.
var noErrors = []byte(`{"errors":false`)

// parseAnswer returns the results of want items, or nil when all succeeded. An
// answer that does not tell the status of every item is an error: no document
// may be taken for written, or blamed, without one.
func parseAnswer(b []byte, want int) ([]itemResult, error) {
	if bytes.HasPrefix(b, noErrors) {
		return nil, nil
	}
	var answer struct {
		Errors *bool
		Items  []map[string]itemResult
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
	results := make([]itemResult, want)
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
