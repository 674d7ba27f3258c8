package connect_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

func transformNamed(class string, aliases ...string) connect.TransformPlugin {
	return connect.TransformPlugin{Info: connect.Info{Class: class, Aliases: aliases},
		New: func(config.Values) (connect.Transform, error) { return upper{}, nil }}
}

func TestCheckNamesEveryPluginThatAWorkerCouldNotUse(t *testing.T) {
	source := connect.SourcePlugin{Info: connect.Info{Class: "FileStream"},
		New: func() connect.SourceConnector { return nil }}
	sink := connect.SinkPlugin{Info: connect.Info{Class: "org.example.FileStreamConnector"},
		New: func() connect.SinkConnector { return nil }}
	for name, tt := range map[string]struct {
		p    connect.Plugins
		want []string // one for each error
	}{
		"nothing": {connect.Plugins{}, nil},
		"fine": {connect.Plugins{Sources: []connect.SourcePlugin{source},
			Transforms: []connect.TransformPlugin{transformNamed("FileStream", "Other"), transformNamed("Mask")}}, nil},
		"a source and a sink of one class": {connect.Plugins{Sources: []connect.SourcePlugin{source},
			Sinks: []connect.SinkPlugin{sink}}, []string{"connector, FileStream and org.example.FileStreamConnector"}},
		"one alias": {connect.Plugins{Transforms: []connect.TransformPlugin{transformNamed("A", "org.example.Same"),
			transformNamed("B", "com.example.Same")}}, []string{"the name com.example.Same finds two plugins of the kind transform, A and B"}},
		"no class": {connect.Plugins{Predicates: []connect.PredicatePlugin{{
			New: func(config.Values) (connect.Predicate, error) { return nil, nil }}}},
			[]string{"plugin 1 of the kind predicate has no class"}},
		"no New": {connect.Plugins{Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "S"}}},
			Sinks:            []connect.SinkPlugin{{Info: connect.Info{Class: "T"}}},
			Converters:       []connect.ConverterPlugin{{Info: connect.Info{Class: "C"}}},
			HeaderConverters: []connect.HeaderConverterPlugin{{Info: connect.Info{Class: "H"}}}},
			[]string{"connector S has no function New", "connector T has no", "converter C has no", "header converter H has no"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			if err := tt.p.Check(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if len(got) != len(tt.want) {
				t.Fatalf("Check = %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("Check = %q, want %q in it", got[i], want)
				}
			}
		})
	}
}

func TestWithAddsPluginsAndChangesNone(t *testing.T) {
	room := make([]connect.TransformPlugin, 1, 8)
	room[0] = transformNamed("A")
	all := connect.Plugins{Transforms: room}
	one := all.With(connect.Plugins{Transforms: []connect.TransformPlugin{transformNamed("B")}})
	other := all.With(connect.Plugins{Transforms: []connect.TransformPlugin{transformNamed("C")}})
	if got := one.Transforms[1].Class + other.Transforms[1].Class; got != "BC" || len(all.Transforms) != 1 {
		t.Errorf("added %s to %d transforms, want B and C to 1", got, len(all.Transforms))
	}
}
