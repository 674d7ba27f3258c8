package plan_test

import (
	"maps"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan"
)

// plugins are a source, a sink, two converters, a transform and two
// predicates, of which one cannot be made. made collects the things that were made of them.
func plugins(made *[]*thing) connect.Plugins {
	own := config.New(config.Key{Name: "own", Type: config.Int, Default: 1})
	add := func(v config.Values) *thing {
		t := &thing{values: v, Converter: connecttest.Converter{Fmt: connect.FormatJSON}}
		*made = append(*made, t)
		return t
	}
	newConverter := func(v config.Values, _ bool) (connect.Converter, error) { return add(v), nil }
	schemas := config.New(config.Key{Name: "schemas.enable", Type: config.Boolean, Default: true})
	return connect.Plugins{
		Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "TestSource", Version: "1", Def: own}}},
		Sinks:   []connect.SinkPlugin{{Info: connect.Info{Class: "TestSink", Version: "1", Def: own}}},
		Converters: []connect.ConverterPlugin{
			{Info: connect.Info{Class: "String"}, New: newConverter},
			{Info: connect.Info{Class: "JSON", Def: schemas}, New: newConverter},
		},
		Transforms: []connect.TransformPlugin{{Info: connect.Info{Class: "DropOdd"},
			New: func(v config.Values) (connect.Transform, error) { return add(v), nil }},
			{Info: connect.Info{Class: "Split"}, New: func(config.Values) (connect.Transform, error) { return split{}, nil }}},
		Predicates: []connect.PredicatePlugin{
			{Info: connect.Info{Class: "Any"}, New: func(config.Values) (connect.Predicate, error) { return anyRecord{}, nil }},
			{Info: connect.Info{Class: "Broken"}, New: func(config.Values) (connect.Predicate, error) { panic("index out of range") }},
		},
	}
}

// split is a transform that makes several records of one.
type split struct{}

func (split) Apply(r *connect.Record) (*connect.Record, error)   { return r, nil }
func (split) Split(r *connect.Record) ([]*connect.Record, error) { return []*connect.Record{r, r}, nil }

// anyRecord is a predicate that holds for every record.
type anyRecord struct{}

func (anyRecord) Test(*connect.Record) (bool, error) { return true, nil }

// thing is a converter and a transform that can be closed.
type thing struct {
	connecttest.Converter
	values config.Values
	closed int
}

func (*thing) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }

func (t *thing) Close() error {
	t.closed++
	return nil
}

func props(class string, more ...string) map[string]string {
	out := map[string]string{"name": "x", "connector.class": class}
	if class == "TestSink" {
		out["topics"] = "in"
	}
	for i := 0; i < len(more); i += 2 {
		if out[more[i]] = more[i+1]; more[i+1] == "" {
			delete(out, more[i])
		}
	}
	return out
}

func sinkProps(more ...string) map[string]string   { return props("TestSink", more...) }
func sourceProps(more ...string) map[string]string { return props("TestSource", more...) }

func parseWorker(t *testing.T, more map[string]string) *plan.Worker {
	t.Helper()
	p := map[string]string{"key.converter": "String", "value.converter": "JSON", "offset.storage.file.filename": "f"}
	maps.Copy(p, more)
	w, err := plan.ParseConfig(p)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// compile compiles what has no error.
func compile(t *testing.T, w *plan.Worker, p map[string]string) (*plan.Connector, []*thing) {
	t.Helper()
	var made []*thing
	c, errs, err := plan.Compile(w, plugins(&made), p)
	if err != nil || len(errs) > 0 {
		t.Fatal(err, errs)
	}
	return c, made
}
