// Package trial tries connectors with records that somebody wrote, without Kafka and
// without their outside systems.
package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/samples"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/dryrun"
	"github.com/suiro/suiro/internal/configfiles"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// jsonConverter reads the values of a source's samples.
const jsonConverter = "org.apache.kafka.connect.json.JsonConverter"

// trial is a connector that is tried with records, without Kafka and without its outside
// system. It is closed after use.
type trial struct {
	plan       *plan.Connector
	run        *dryrun.Run
	defaults   samples.Defaults
	converters samples.Converters
	registry   *srfake.Registry // in memory, for what a source writes; nil without
	next       int64            // offset
}

// openTrial compiles a connector as a worker would, except that nothing is tried again for
// long and that a source registers its schemas in memory. workerFile may be "" when the
// connector names its converters. The error is a [command.UsageError].
func openTrial(plugins connect.Plugins, workerFile, connectorFile string) (*trial, error) {
	c, err := configfiles.ReadConnector(connectorFile)
	if err != nil {
		return nil, command.Usage(err)
	}
	worker, props, err := trialWorker(workerFile, connectorFile, c.Config)
	if err != nil {
		return nil, command.Usage(err)
	}
	t := &trial{}
	config := maps.Clone(c.Config)
	config["errors.retry.timeout"] = "0"
	if of, _ := plan.TypeOf(plugins, config); of == plan.Source {
		t.keepSchemas(config, props)
	}
	compiled, errs, err := plan.Compile(worker, plugins, config)
	for _, e := range errs {
		err = errors.Join(err, fmt.Errorf("%s: %w", connectorFile, e))
	}
	if err != nil {
		t.closeRegistry()
		return nil, command.Usage(err)
	}
	t.plan, t.run = compiled, dryrun.New(compiled, worker.TapMask)
	t.defaults = samples.Defaults{Topic: firstTopic(compiled), Time: time.Now(), Name: connectorFile}
	t.converters = jsonConverters(plugins)
	return t, nil
}

// trialWorker is the worker of the file; without one, a worker that knows nothing but the
// converters of the connector.
func trialWorker(path, connectorFile string, connector map[string]string) (*plan.Worker, map[string]string, error) {
	props := map[string]string{"bootstrap.servers": "localhost:9092", "offset.storage.file.filename": "unset"}
	if path == "" {
		for _, key := range []string{"key.converter", "value.converter"} {
			if props[key] = connector[key]; strings.TrimSpace(props[key]) == "" {
				return nil, nil, fmt.Errorf("%s: %s is not set: --config names the worker's properties file, which has it",
					connectorFile, key)
			}
		}
	} else {
		var err error
		if props, err = configfiles.ReadWorker(path); err != nil {
			return nil, nil, err
		}
	}
	parse := plan.ParseConfig
	if plan.NamesGroup(props) {
		parse = plan.ParseDistributed
	}
	w, err := parse(props)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, props, nil
}

// keepSchemas makes the converters of a source register schemas in memory, where they
// would register them with a schema registry.
func (t *trial) keepSchemas(connector, worker map[string]string) {
	for _, key := range []string{"key.converter", "value.converter"} {
		own := func(name string) string {
			if value, ok := connector[key+"."+name]; ok || connector[key] != "" {
				return value
			}
			return worker[key+"."+name]
		}
		if own("schema.registry.url") == "" || strings.EqualFold(own("auto.register.schemas"), "false") ||
			strings.EqualFold(own("use.latest.version"), "true") {
			continue
		}
		if t.registry == nil {
			t.registry = srfake.New()
		}
		connector[key+".schema.registry.url"] = t.registry.URL()
	}
}

// firstTopic is the topic of records that name none, "" when the configuration has none.
func firstTopic(c *plan.Connector) string {
	if c.Subscription != nil && len(c.Subscription.Topics) > 0 {
		return c.Subscription.Topics[0]
	}
	return c.Props["topic"]
}

// jsonConverters are the program's own.
func jsonConverters(plugins connect.Plugins) (out samples.Converters) {
	for _, p := range plugins.Converters {
		if p.Class != jsonConverter || p.Def == nil {
			continue
		}
		made := func(schemas string) connect.Converter {
			v, err := p.Def.Parse(map[string]string{"schemas.enable": schemas})
			if err != nil {
				return nil
			}
			c, _ := p.New(v, false) // its own defaults are right
			return c
		}
		out.Plain, out.Enveloped = made("false"), made("true")
	}
	return out
}

// try runs one sample through the connector.
func (t *trial) try(ctx context.Context, s samples.Sample) (dryrun.Result, error) {
	if t.plan.Type == plan.Source {
		r, err := s.Polled(t.defaults, t.converters)
		if err != nil {
			return dryrun.Result{}, t.explain(err)
		}
		return t.run.Source(ctx, r), nil
	}
	r, err := s.Consumed(t.defaults, t.next)
	if err != nil {
		return dryrun.Result{}, t.explain(err)
	}
	t.next = r.Offset + 1
	return t.run.Sink(ctx, r), nil
}

func (t *trial) explain(err error) error {
	if errors.Is(err, samples.ErrNoTopic) {
		return fmt.Errorf("%w: the configuration of connector %s names none, so give the record a topic", err, t.plan.Name)
	}
	return err
}

// rejected says what becomes of records that are rejected.
func (t *trial) rejected() string {
	switch {
	case !t.plan.Tolerance.All:
		return "each ends the task, as errors.tolerance is none"
	case t.plan.DeadLetters == nil:
		return "dropped, as there is no dead-letter topic"
	}
	return "to topic " + t.plan.DeadLetters.Topic
}

func (t *trial) closeRegistry() {
	if t.registry != nil {
		t.registry.Close()
	}
}

// Close closes the converters and transforms.
func (t *trial) Close() error {
	t.closeRegistry()
	return t.plan.Close()
}
