// Package smttest runs the cases of transforms, which are written as records before
// and after.
package smttest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/converters"
)

var update = flag.Bool("update", false, "rewrite the wanted records of testdata")

// Run runs testdata/<name>/*.txtar on the plugins: config.json names the transform in
// "type" and configures it, each line of in.jsonl is a record, and want.jsonl has
// for each what becomes of it: a record, a list of them in brackets, "dropped" or an error.
func Run(t *testing.T, name string, plugins ...connect.TransformPlugin) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + name + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases of %s: %v", name, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file, plugins) })
	}
}

func runCase(t *testing.T, file string, plugins []connect.TransformPlugin) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	part := map[string]*txtar.File{}
	for i := range a.Files {
		part[a.Files[i].Name] = &a.Files[i]
	}
	got := apply(t, plugins, part["config.json"].Data, part["in.jsonl"].Data)
	if *update {
		part["want.jsonl"].Data = got
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := part["want.jsonl"].Data; !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func apply(t *testing.T, plugins []connect.TransformPlugin, conf, in []byte) []byte {
	t.Helper()
	transform, err := build(plugins, conf)
	if err != nil {
		return append([]byte(err.Error()), '\n')
	}
	var out bytes.Buffer
	for line := range bytes.Lines(in) {
		r := parseRecord(t, line)
		before := showRecord(t, r)
		fmt.Fprintln(&out, become(t, transform, r))
		if after := showRecord(t, r); after != before {
			t.Errorf("the record given was changed\nfrom %s\n  to %s", before, after)
		}
	}
	return out.Bytes()
}

// become is what becomes of a record.
func become(t *testing.T, transform connect.Transform, r *connect.Record) string {
	t.Helper()
	var got []*connect.Record
	var err error
	if s, ok := transform.(connect.Splitter); ok {
		got, err = s.Split(r)
	} else if one, oneErr := transform.Apply(r); one != nil || oneErr != nil {
		got, err = []*connect.Record{one}, oneErr
	}
	switch {
	case err != nil:
		return err.Error()
	case len(got) == 0:
		return "dropped"
	}
	shown := make([]string, len(got))
	for i, one := range got {
		shown[i] = showRecord(t, one)
	}
	if len(shown) == 1 {
		return shown[0]
	}
	return "[" + strings.Join(shown, ",") + "]"
}

func build(plugins []connect.TransformPlugin, conf []byte) (connect.Transform, error) {
	props := map[string]string{}
	if err := json.Unmarshal(conf, &props); err != nil {
		return nil, err
	}
	for _, p := range plugins {
		if !p.Is(props["type"]) {
			continue
		}
		c, err := p.Def.Parse(props)
		if err != nil {
			return nil, err
		}
		if p.Validate != nil {
			if errs := p.Validate(c); len(errs) > 0 {
				return nil, errs
			}
		}
		return p.New(c)
	}
	return nil, fmt.Errorf("no transform %q", props["type"])
}

// record is a record as a case writes it. A key or value that is an object of
// "schema" and "payload" has a schema.
type record struct {
	Topic     string          `json:"topic"`
	Partition int32           `json:"partition"`
	Offset    *int64          `json:"offset,omitempty"`
	Timestamp int64           `json:"timestamp,omitempty"`
	Key       json.RawMessage `json:"key,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	Headers   []header        `json:"headers,omitempty"`
}

// header is a header of a record. Its value is written as those of keys and values.
type header struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

func jsonConverters(t *testing.T) (plain, envelope *converters.JSON) {
	t.Helper()
	var out []*converters.JSON
	for _, schemas := range []string{"false", "true"} {
		c, err := converters.JSONDef().Parse(map[string]string{"schemas.enable": schemas})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, converters.NewJSON(c))
	}
	return out[0], out[1]
}

func parseRecord(t *testing.T, line []byte) *connect.Record {
	t.Helper()
	var in record
	if err := json.Unmarshal(line, &in); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	plain, envelope := jsonConverters(t)
	payload := func(raw json.RawMessage) connect.Payload {
		if raw == nil || string(raw) == "null" {
			return connect.Decoded(nil, nil)
		}
		c := plain
		if bytes.HasPrefix(raw, []byte(`{"schema"`)) {
			c = envelope
		}
		s, v, err := c.ToConnect(in.Topic, raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		return connect.Decoded(s, v)
	}
	r := &connect.Record{Topic: in.Topic, Partition: connect.InPartition(in.Partition), Key: payload(in.Key),
		Value: payload(in.Value), Offset: -1}
	if in.Offset != nil {
		r.Offset = *in.Offset
	}
	for _, h := range in.Headers {
		p := payload(h.Value)
		s, v, _ := p.Decode()
		r.Headers = append(r.Headers, connect.Header{Key: h.Key, Schema: s, Value: v})
	}
	if in.Timestamp != 0 {
		r.Timestamp = time.UnixMilli(in.Timestamp)
	}
	return r
}

func showRecord(t *testing.T, r *connect.Record) string {
	t.Helper()
	plain, envelope := jsonConverters(t)
	raw := func(p connect.Payload) json.RawMessage {
		s, v, err := p.Decode()
		if err != nil {
			t.Fatal(err)
		}
		c := plain
		if s != nil {
			c = envelope
		}
		b, err := c.FromConnect(r.Topic, s, v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	partition, _ := r.Partition.Number()
	out := record{Topic: r.Topic, Partition: partition, Key: raw(r.Key), Value: raw(r.Value)}
	if !r.Timestamp.IsZero() {
		out.Timestamp = r.Timestamp.UnixMilli()
	}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, header{h.Key, raw(connect.Decoded(h.Schema, h.Value))})
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Records are records that every transform accepts, with and without a schema.
func Records() []*connect.Record {
	s, v := Wide()
	plain := map[string]any{"f0": nil, "f1": int64(1768469412345), "f2": []any{"a", map[string]any{"b": 1.5}}}
	return []*connect.Record{
		{Topic: "access", Partition: connect.InPartition(3), Offset: 7, Timestamp: time.UnixMilli(1),
			Value: connect.Decoded(s, v)},
		{Topic: "access", Offset: -1, Timestamp: time.UnixMilli(1), Value: connect.Decoded(nil, plain)},
	}
}

// Wide is a struct with twenty fields, f0 to f19.
func Wide() (*data.Schema, map[string]any) {
	s, v := &data.Schema{Kind: data.Struct}, map[string]any{}
	for i := range 20 {
		name := fmt.Sprint("f", i)
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: &data.Schema{Kind: data.Int64}})
		v[name] = int64(i)
	}
	return s, v
}

// Benchmark measures Apply on one record.
func Benchmark(b *testing.B, t connect.Transform, r *connect.Record) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Apply(r); err != nil {
			b.Fatal(err)
		}
	}
}
