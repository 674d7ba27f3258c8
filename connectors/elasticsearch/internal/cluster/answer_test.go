package cluster

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestParseAnswer(t *testing.T) {
	const refused = `{"index":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}}`
	for _, c := range []struct {
		answer string
		want   string // statuses, "nil" for none, or a part of the error
	}{
		{`{"errors":false,"items":[{"index":{"status":201}},{"index":{"status":201}}]}`, "nil"},
		{`{"took":3,"errors":false}`, "nil"},
		{`{"errors":true,"items":[{"index":{"status":201}},` + refused + `]}`, "201 429"},
		{`{"errors":true,"items":[` + refused + `]}`, "has 1 items, not 2"},
		{`{"errors":true,"items":[` + refused + `,{"index":{"status":2`, "unreadable"},
		{`{"items":[]}`, "unreadable"},
		{`<html>bad gateway</html>`, "unreadable"},
		{``, "unreadable"},
		{`{"errors":true,"items":[` + refused + `,{}]}`, "item 1"},
		{`{"errors":true,"items":[` + refused + `,{"index":{}}]}`, "item 1"},
		{`{"errors":true,"items":[` + refused + `,null]}`, "unreadable"},
		{`{"errors":true,"items":[` + refused + `,{"index":{"error":{"type":"x"}}}]}`, "item 1"},
	} {
		results, err := ParseAnswer(strings.NewReader(c.answer), 2)
		got := "nil"
		switch {
		case err != nil:
			got = err.Error()
		case results != nil:
			got = fmt.Sprint(results[0].Status, results[1].Status)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("ParseAnswer(%s) = %s, want %s", c.answer, got, c.want)
		}
	}
}

func TestReasonsAreShort(t *testing.T) {
	var e ItemError
	if err := json.Unmarshal([]byte(`{"type":"document_parsing_exception","reason":"[1:2] failed to parse",`+
		`"caused_by":{"reason":"Preview of field's value: `+strings.Repeat("水", 1<<20)+`"}}`), &e); err != nil {
		t.Fatal(err)
	}
	if got := e.Text(); len(got) > MaxReason || !strings.HasPrefix(got, "[1:2] failed to parse: Preview") {
		t.Errorf("text has %d bytes: %.80s", len(got), got)
	}
}

// What Elasticsearch 7 to 9 say of documents that they refuse.
func TestSafeReasonsHoldNothingOfTheDocument(t *testing.T) {
	for reason, want := range map[string]string{
		"[1:7] failed to parse field [status] of type [long] in document with id 'alice'. Preview of field's value: 'secret'": "[1:7] failed to parse field [status] of type [long]",
		"failed to parse field [status] of type [long]. Preview of field's value: 'secret'":                                   "failed to parse field [status] of type [long]",
		"[alice]: version conflict, current version [9] is higher or equal to the one provided [5]":                           "version conflict, current version [9] is higher or equal to the one provided [5]",
		"Limit of total fields [1000] has been exceeded":                                                                      "Limit of total fields [1000] has been exceeded",
	} {
		e := &ItemError{Type: "document_parsing_exception", Reason: reason, Cause: "For input string: \"secret\""}
		if got := e.Safe(); got != want {
			t.Errorf("Safe of %q = %q, want %q", reason, got, want)
		}
	}
}
