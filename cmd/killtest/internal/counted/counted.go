// Package counted is an app with state that writes each record it reads: it counts them by
// key in a store. What becomes of its output tells how long tasks with state pause.
package counted

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// Program is the app as a command.
func Program() cli.Program {
	return cli.Program{Name: "counted", Short: "Count records by key, and pass them on.", Build: build}
}

func build(v config.Values) (*topology.Topology, error) {
	b := streams.NewBuilder()
	in := streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.Bytes())
	counts := streams.NewKeyValueStore("counts", streams.Bytes(), streams.Int64())
	out := streams.Process(in, func(ctx *streams.Context[[]byte, []byte]) streams.Processor[[]byte, []byte] {
		store := counts.Open(ctx)
		return streams.ProcessorFunc[[]byte, []byte](func(r *streams.Record[[]byte, []byte]) error {
			n, _, err := store.Get(r.Key)
			if err == nil {
				err = store.Put(r.Key, n+1)
			}
			if err != nil {
				return err
			}
			return ctx.Forward(r)
		})
	}, streams.WithStores(counts))
	streams.To(out, v.String("output.topic"), streams.Bytes(), streams.Bytes())
	return b.Build()
}
