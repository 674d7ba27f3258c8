package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/examples/json-avro/app"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
	"github.com/suiro/suiro/transforms/formats/avro"
)

func build(props map[string]string) (*topology.Topology, error) {
	p := app.Program()
	values, err := p.Def().Parse(props)
	if err != nil {
		return nil, err
	}
	return p.Build(values)
}

// results runs the program over one message: the fields of what it writes that
// are not null, as JSON, or why it was rejected.
func results(t *testing.T, props map[string]string, schema []byte, message string) string {
	t.Helper()
	topo, err := build(props)
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topo, &streamstest.Options{Properties: map[string]string{
		"errors.dead.letter.queue.topic.name": "dlq"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Send("access-json", streamstest.Record{Key: []byte("k"), Value: []byte(message)}); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Rejected() {
		return r.Stage + ": " + r.Reason
	}
	codec, err := avro.ParseCodec(schema)
	if err != nil {
		t.Fatal(err)
	}
	out := d.Read("access-avro")
	if len(out) != 1 || string(out[0].Key) != "k" {
		t.Fatalf("output %v, want one record with the message's key", out)
	}
	datum, err := codec.Decode(out[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	fields := datum.(map[string]any)
	for name, v := range fields {
		if v == nil {
			delete(fields, name)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFieldsOfTheSchemaArePicked(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"all fields, others left out",
			`{"time":"2026-10-31T23:30:00.000Z","vhost":"shop.example.com","host":"100.64.4.3","method":"GET","uri":"/s?q=a",` +
				`"status":200,"size":52568,"reqtime":0.120,"referer":null,"ua":"curl/8.17.0","protocol":"HTTP/1.1","cookie":{"sid":"1"}}`,
			`{"host":"100.64.4.3","method":"GET","reqtime":0.12,"size":52568,"status":200,` +
				`"time":"2026-10-31T23:30:00Z","ua":"curl/8.17.0","uri":"/s?q=a","vhost":"shop.example.com"}`},
		{"missing fields are null", `{"host":"a"}`, `{"host":"a"}`},
		{"nothing of the schema", `{"other":1}`, `{}`},
		{"empty object", `{}`, `{}`},
		{"text of another script", `{"uri":"/水路"}`, `{"uri":"/水路"}`},
		{"largest size", `{"size":9223372036854775807}`, `{"size":9223372036854775807}`},
		{"a number where a double is wanted", `{"reqtime":1}`, `{"reqtime":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := results(t, nil, app.Schema(), tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// What does not fit the schema is rejected with the field and the reason.
func TestWrongTypesAreRejected(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"status is text", `{"status":"OK"}`, []string{"status", "OK"}},
		{"status is over an int", `{"status":3000000000}`, []string{"status", "3000000000"}},
		{"status has a fraction", `{"status":200.5}`, []string{"status", "200.5"}},
		{"size is over a long", `{"size":9223372036854775808}`, []string{"size", "9223372036854775808"}},
		{"host is a number", `{"host":1}`, []string{"host"}},
		{"uri is an object", `{"uri":{}}`, []string{"uri"}},
		{"time is not a time", `{"time":"yesterday"}`, []string{"time", "yesterday"}},
		{"not JSON", `{"host":`, []string{"not JSON"}},
		{"not an object", `["host"]`, []string{"array", "want an object"}},
		{"empty", ``, []string{"not JSON"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := results(t, nil, app.Schema(), tt.in)
			for _, want := range append(tt.want, "processing: ") {
				if !strings.Contains(got, want) {
					t.Errorf("got %s, want a rejection with %q", got, want)
				}
			}
		})
	}
}

func TestAnotherSchema(t *testing.T) {
	schema := []byte(`{"type":"record","name":"R","fields":[
		{"name":"host","type":"string"},
		{"name":"n","type":"long","default":7}]}`)
	file := filepath.Join(t.TempDir(), "r.avsc")
	if err := os.WriteFile(file, schema, 0o600); err != nil {
		t.Fatal(err)
	}
	props := map[string]string{"schema.file": file}
	if got, want := results(t, props, schema, `{"host":"a","ua":"x"}`), `{"host":"a","n":7}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// A field without default must be there.
	if got, want := results(t, props, schema, `{"n":1}`), "host"; !strings.Contains(got, want) || !strings.HasPrefix(got, "processing") {
		t.Errorf("got %s, want a rejection that names %s", got, want)
	}
}

func TestBadSchemasAreNamed(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"absent": "", "not JSON": "{", "not a record": `"string"`, "no fields": `{"type":"record","name":"R"}`,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".avsc")
			if text != "" {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := build(map[string]string{"schema.file": file})
			for _, want := range []string{"schema.file", file} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
		})
	}
}
