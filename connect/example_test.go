package connect_test

import (
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
// creates it. Its author parses nothing: the keys are declared once, and New gets
// values that have been checked.
func ExampleTransformPlugin() {
	var settings struct {
		Suffix string `config:"suffix"`
	}
	plugin := connect.TransformPlugin{
		Info: connect.Info{Class: "Upper", Version: "1.0", Def: config.New(
			config.Key{Name: "suffix", Type: config.String, Default: "", Doc: "Text to append to the topic."})},
		New: func(v config.Values) (connect.Transform, error) {
			v.Decode(&settings)
			return upper{settings.Suffix}, nil
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
