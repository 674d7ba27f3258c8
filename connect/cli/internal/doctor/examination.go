package doctor

import (
	"context"
	"slices"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
)

// examination is a worker with its connectors that is looked at.
type examination struct {
	plugins    connect.Plugins
	worker     *plan.Worker
	connectors []*plan.Connector // those that nothing is wrong with
	cluster    kafka.Surveyed
	defaults   defaults
}

// examine looks at everything, as far as the files allow.
func examine(ctx context.Context, plugins connect.Plugins, s *check.Setup) []*finding {
	findings := ofFiles(s)
	if s.Worker == nil {
		return findings
	}
	e := &examination{plugins: plugins, worker: s.Worker}
	for _, r := range s.Reports {
		if r.Plan == nil {
			continue
		}
		c, _, _ := plan.Compile(s.Worker, plugins, r.Config) // it has just been compiled
		if c == nil {
			continue
		}
		defer func() { _ = c.Close() }() // it was only asked
		e.connectors = append(e.connectors, c)
	}
	apart := e.together(ctx, registries, destinations, disks)
	findings = append(findings, ofBrokers(ctx, e)...)
	if len(e.cluster.Brokers) > 0 {
		findings = append(findings, e.together(ctx, workerTopics, workerGroup, connectorsInKafka,
			controllerClock)()...)
	}
	return append(findings, apart()...)
}

// together begins all parts at the same time. What they have found is in the order of the
// parts.
func (e *examination) together(ctx context.Context, parts ...func(context.Context,
	*examination) []*finding) func() []*finding {
	found := make([][]*finding, len(parts))
	var running sync.WaitGroup
	for i, part := range parts {
		running.Go(func() { found[i] = part(ctx, e) })
	}
	return func() []*finding {
		running.Wait()
		return slices.Concat(found...)
	}
}

// ofFiles says what the files have wrong.
func ofFiles(s *check.Setup) (out []*finding) {
	for _, r := range s.Reports {
		f := about("%s", r.Path)
		if r.Valid() {
			f.note(ok, "valid", "")
		}
		for _, p := range r.Problems {
			f.note(failed, p.Message, p.Remedy)
		}
		for _, text := range r.Warnings {
			f.note(warning, text, "")
		}
		for _, text := range r.Notes {
			f.note(skipped, text, "")
		}
		out = append(out, f)
	}
	return out
}
