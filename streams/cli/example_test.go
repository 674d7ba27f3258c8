package cli_test

import (
	"bytes"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// A whole program: it has the flags of every app and one of its own, --most-bytes.
func ExampleMain() {
	cli.Main(cli.Program{
		Name:  "short-only",
		Short: "Copy the records whose value is short.",
		Keys: []config.Key{
			{Name: "most.bytes", Type: config.Int, Default: 100, Valid: config.AtLeast(1), Doc: "The longest value that is copied."},
		},
		Defaults: map[string]string{"input.topic": "all", "output.topic": "short"},
		Build: func(v config.Values) (*topology.Topology, error) {
			b := streams.NewBuilder()
			in := streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.Bytes())
			short := in.Filter(func(_, value []byte) bool { return len(bytes.TrimSpace(value)) <= v.Int("most.bytes") })
			streams.To(short, v.String("output.topic"), streams.Bytes(), streams.Bytes())
			return b.Build()
		},
	})
}
