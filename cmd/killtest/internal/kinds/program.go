package kinds

import (
	"net/http"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// StatePath is where an instance shows its state, at http.listen.
const StatePath = "/state"

// Program is the app as a command.
func Program() cli.Program {
	return cli.Program{
		Name:  "kinds",
		Short: "Keep state of each kind that Kafka Streams has, so that its results can be compared.",
		Keys: []config.Key{{Name: "still.ms", Type: config.Long, Default: int64(0), Valid: config.AtLeast(0),
			Doc: "Time from which on all requests get one that is an hour later, in milliseconds since 1970; 0 is none."}},
		Build: build,
		Handler: func(a *app.App, v config.Values) http.Handler {
			mux := http.NewServeMux()
			if t, err := build(v); err == nil { // as it was built before
				mux.Handle(StatePath, serveState(t, a))
			}
			return mux
		},
	}
}

func build(v config.Values) (*topology.Topology, error) {
	o := Options{Input: v.String("input.topic"), Output: v.String("output.topic")}
	if ms := v.Long("still.ms"); ms > 0 {
		o.Still = time.UnixMilli(ms)
	}
	return Build(o)
}
