package elasticsearch

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// Without a mapping the first document decides the types of all that follow.
func TestAnIndexWithoutMappingGetsASafeOne(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"ua":"2026/11/28"}`)...)
	waitCommit(t, s, p0, 1)
	m := f.mapping("access")
	if got := string(m["date_detection"]); got != "false" {
		t.Errorf("date_detection = %s, want false", got)
	}
	if got, want := string(m["dynamic_templates"]), `"mapping":{"ignore_above":8191,"type":"flattened"}`; !strings.Contains(got, want) {
		t.Errorf("dynamic_templates = %s, want %s in it", got, want)
	}
	if !slices.Contains(f.calls, "PUT /access/_settings") {
		t.Errorf("calls = %v, want that fields beyond the limit are ignored", f.calls)
	}
}

func TestAMappingThatIsThereStaysAsItIs(t *testing.T) {
	for name, c := range map[string]struct{ mapping, key, value string }{
		"fields":  {`{"properties":{"ua":{"type":"keyword"}}}`, "index.dynamic.mapping", "safe"},
		"rules":   {`{"dynamic":"false"}`, "index.dynamic.mapping", "safe"},
		"nothing": {`{}`, "index.dynamic.mapping", "elasticsearch"},
	} {
		f := newFakeES(t)
		f.create("access")
		f.putMapping("access", []byte(c.mapping))
		before := len(f.mapping("access"))
		s := startSink(t, f, c.key, c.value)
		s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
		waitCommit(t, s, p0, 1)
		if got := f.mapping("access"); len(got) != before {
			t.Errorf("%s: mapping = %s, want it as it was: %s", name, got, c.mapping)
		}
	}
}

func TestAnIndexIsCreatedWithTheTemplateOfTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, []byte(`{"index_patterns":["x"],"template":{"mappings":{"dynamic":"strict"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFakeES(t)
	s := startSink(t, f, "index.template.file", file)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitCommit(t, s, p0, 1)
	if got := f.mapping("access"); len(got) != 1 || string(got["dynamic"]) != `"strict"` {
		t.Errorf("mapping = %s, want that of the file", got)
	}
}

// A privilege that is missing was not needed before, and a schema is what a producer
// makes of it: neither ends the task.
func TestAnIndexThatCannotGetAMappingIsStillWritten(t *testing.T) {
	for name, refusal := range map[string]func(method, path string) int{
		"no privilege to look":      func(method, _ string) int { return onlyIf(method == http.MethodGet, 403) },
		"no privilege to change":    func(_, path string) int { return onlyIf(strings.HasSuffix(path, "/_mapping"), 403) },
		"a schema is not a mapping": func(method, _ string) int { return onlyIf(method == http.MethodPut, 400) },
	} {
		f := newFakeES(t)
		f.refuse = refusal
		s := startSink(t, f, "schema.ignore", "false")
		r := connecttest.Records(p0, 0, `{"a":1}`)[0]
		if strings.HasPrefix(name, "a schema") {
			r.Value = connect.Decoded(&data.Schema{Kind: data.Struct}, map[string]any{})
		}
		s.Put(r)
		waitCommit(t, s, p0, 1)
		if got := len(f.live("access")); got != 1 {
			t.Errorf("%s: %d documents, want 1", name, got)
		}
	}
}

// An index that cannot be made for now is not left to Elasticsearch, which would make
// it without a mapping as soon as it can.
func TestAnIndexWaitsForRoomInTheCluster(t *testing.T) {
	f := newFakeES(t)
	full := 3
	f.refuse = func(method, path string) int {
		if method != http.MethodPut || path != "/access" || full == 0 {
			return 0
		}
		full--
		return 400
	}
	f.refusal = "validation_exception"
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitCommit(t, s, p0, 1)
	if got := string(f.mapping("access")["date_detection"]); got != "false" || full != 0 {
		t.Errorf("date_detection = %s with %d refusals left, want false and none", got, full)
	}
}

func onlyIf(cond bool, status int) int {
	if cond {
		return status
	}
	return 0
}
