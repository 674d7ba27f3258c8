package connect_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// upper is a transform: it writes the topic of a record in capitals.
type upper struct{ suffix string }

// Apply returns a copy, as a transform never edits its record.
func (u upper) Apply(r *connect.Record) (*connect.Record, error) {
	out := *r
	out.Topic = strings.ToUpper(r.Topic) + u.suffix
	return &out, nil
}

// A transform is a type with one method, and a plugin that declares its keys and
// creates it. Its author parses nothing: the keys are declared once, with the fields
// that hold them, and New gets values that have been checked.
func ExampleTransformPlugin() {
	type settings struct {
		Suffix string `config:"suffix" default:"" doc:"Text to append to the topic."`
	}
	plugin := connect.TransformPlugin{
		Info: connect.Info{Class: "example.Upper", Version: "1.0", Def: config.For[settings]()},
		New: func(v config.Values) (connect.Transform, error) {
			var s settings
			v.Decode(&s)
			return upper{s.Suffix}, nil
		},
	}

	values, err := plugin.Def.Parse(map[string]string{"suffix": "-v2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	transform, err := plugin.New(values)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := transform.Apply(&connect.Record{Topic: "access"})
	fmt.Println(out.Topic, err)
	// Output: ACCESS-v2 <nil>
}

// A worker of one's own has the plugins of a list and further ones; two that one name
// finds are refused.
func ExamplePlugins_With() {
	named := func(class string) connect.Plugins {
		return connect.Plugins{Transforms: []connect.TransformPlugin{{Info: connect.Info{Class: class},
			New: func(config.Values) (connect.Transform, error) { return upper{}, nil }}}}
	}
	all := named("example.Upper").With(named("example.Lower"))
	fmt.Println(all.Check())
	fmt.Println(all.With(named("com.example.Upper")).Check())
	// Output:
	// <nil>
	// the name com.example.Upper finds two plugins of the kind transform, example.Upper and com.example.Upper: rename one or leave it out
}

// The reason of a dead letter may carry facts for programs, which become headers.
func ExampleReason() {
	refused := &connect.Reason{Err: errors.New("the index is read-only"), Headers: map[string]string{"http.status": "403"}}
	rejection := connect.Rejection{Record: &connect.SinkRecord{}, Reason: refused}
	fmt.Println(rejection.Reason)
	// Output: the index is read-only
}
