package demo

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/services"
	jsonavro "github.com/suiro/suiro/examples/json-avro/app"
	ltsvjson "github.com/suiro/suiro/examples/ltsv-json/app"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/cli"
)

// The stages that are stream apps.
const (
	stageLTSV  = "ltsv-json"
	stageAvro  = "json-avro"
	stageStats = "server-stats"
)

// century, in milliseconds, is a grace and retention that no log exceeds: the demo
// counts requests of any age, even if a request without a time, which counts at
// the current time, comes first.
var century = strconv.FormatInt((100 * 365 * 24 * time.Hour).Milliseconds(), 10)

// program is a stream app with its topics.
type program struct {
	stage         string
	program       cli.Program
	input, output string
	more          map[string]string // keys that only this program has
}

func programs() []program {
	return []program{
		{stageLTSV, ltsvjson.Program(), accessLTSV, accessJSON, nil},
		{stageAvro, jsonavro.Program(), accessJSON, accessAvro, nil},
		{stageStats, serverstats.Program(), accessJSON, "", map[string]string{
			"ahead.ms": century, "grace.ms": century, "retention.ms": century}},
	}
}

// properties are the keys of a program's app.
func (p program) properties(k *services.Kafka, n names, f folder.Folder) map[string]string {
	props := maps.Clone(k.Props)
	maps.Copy(props, p.more)
	maps.Copy(props, map[string]string{
		"application.id":                      n.app(p.stage),
		"processing.guarantee":                app.ExactlyOnceV2,
		"input.topic":                         n.topic(p.input),
		"state.dir":                           f.File("state"),
		"replication.factor":                  k.Replication,
		"auto.offset.reset":                   "earliest",
		"session.timeout.ms":                  sessionTimeout,
		"errors.dead.letter.queue.topic.name": n.dead(p.stage),
	})
	if p.output != "" {
		props["output.topic"] = n.topic(p.output)
	}
	return props
}

// running is a stream app that has been started.
type running struct {
	stage string
	app   *app.App
	pages http.Handler
	stop  context.CancelFunc
	done  chan struct{} // closed when it has ended
	err   error         // why it ended, once done is closed
}

// startApp starts a program's app; it runs until stop is called or it fails.
func startApp(p program, k *services.Kafka, n names, f folder.Folder, log *slog.Logger) (*running, error) {
	app, values, err := p.program.New(p.properties(k, n, f), log.With("stage", p.stage))
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", p.stage, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", app.Handler())
	if p.program.Handler != nil {
		mux.Handle("/stats", p.program.Handler(app, values))
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{stage: p.stage, app: app, pages: mux, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = app.Run(ctx)
	}()
	return r, nil
}

// failure is why the app ended, nil while it runs.
func (r *running) failure() error {
	select {
	case <-r.done:
		return r.err
	default:
		return nil
	}
}
