package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/rest"
)

// document is what the test reads of the OpenAPI document.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]json.RawMessage }
}

type operation struct {
	OperationID string
	Responses   map[string]json.RawMessage
	Parameters  []struct{ Name, In string }
}

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	w := send(newAPI(t), http.MethodGet, "/openapi.json", "")
	var doc document
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.0.") {
		t.Fatalf("GET /openapi.json = %d, version %q, %v", w.Code, doc.OpenAPI, err)
	}
	names := strings.NewReplacer("{c}", "{connector}", "{t}", "{task}", "{p}", "{plugin}", "{l}", "{logger}")
	ids := map[string]bool{}
	for _, r := range rest.Routes() {
		op, ok := doc.Paths[names.Replace(r.Path)][strings.ToLower(r.Method)]
		if !ok || op.OperationID == "" || ids[op.OperationID] {
			t.Errorf("%s %s is described as %+v, want an operation with an id of its own", r.Method, r.Path, op)
		}
		ids[op.OperationID] = true
		if got := len(op.Parameters); got < strings.Count(r.Path, "{")+len(r.Query) {
			t.Errorf("%s %s has %d parameters", r.Method, r.Path, got)
		}
		if len(op.Responses) < len(r.Statuses) {
			t.Errorf("%s %s has the answers %v, want %v among them", r.Method, r.Path, op.Responses, r.Statuses)
		}
	}
	for _, schema := range []string{"ConnectorInfo", "ConnectorStatus", "ConfigInfos", "ErrorMessage"} {
		if doc.Components.Schemas[schema] == nil {
			t.Errorf("the document has no schema %s", schema)
		}
	}
	for _, reference := range strings.Split(w.Body.String(), `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(reference, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("the document refers to %s, which it does not have", name)
		}
	}
}

// A text that is embedded in a task's state is among its fields, as in its JSON.
func TestTheDocumentHasTheFieldsOfEmbeddedTypes(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
				Required   []string
			}
		}
	}
	w := send(newAPI(t), http.MethodGet, "/openapi.json", "")
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	state := doc.Components.Schemas["TaskState"]
	slices.Sort(state.Required)
	if want := []string{"id", "state", "worker_id"}; !slices.Equal(state.Required, want) || state.Properties["trace"] == nil {
		t.Errorf("TaskState requires %v and has %v, want %v and a trace", state.Required, state.Properties, want)
	}
	if level := doc.Components.Schemas["LoggerLevel"].Properties["last_modified"]; level["nullable"] != true {
		t.Errorf("last_modified = %v, want it nullable", level)
	}
}
