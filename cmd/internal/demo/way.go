package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// stage is one part of the way: it reads topics and writes somewhere else.
type stage struct {
	name string
	// group is the consumer group, "" for the file source.
	group string
	// inputs are the topics that the group reads: the first holds its input, the
	// others are its own repartition topics.
	inputs []string
	// dead is the topic of its dead letters.
	dead string
	// out counts what the stage wrote, in the place that it wrote to.
	out func(ctx context.Context) (result, error)
}

// way is the stages of a run in their order, and how far each has got.
type way struct {
	names  names
	list   []*stage
	tally  *tally.Tally
	source *source
}

func newWay(o *Options, n names) *way {
	list := []*stage{
		{name: stageFile},
		{name: stageLTSV, group: n.app(stageLTSV), inputs: []string{n.topic(accessLTSV)}},
		{name: stageAvro, group: n.app(stageAvro), inputs: []string{n.topic(accessJSON)}},
		{name: stageStats, group: n.app(stageStats), inputs: []string{n.topic(accessJSON), n.byServer()}},
		{name: stageHDFS, group: n.connectorGroup(stageHDFS), inputs: []string{n.topic(accessAvro)}},
	}
	if o.Elasticsearch != "" {
		list = append(list, &stage{name: stageElastic, group: n.connectorGroup(stageElastic),
			inputs: []string{n.topic(accessJSON)}})
	}
	for _, s := range list {
		s.dead = n.dead(s.name)
	}
	return &way{names: n, list: list}
}

// countedBy gives each stage the function that counts what it wrote.
func (w *way) countedBy(o *outputs) {
	out := map[string]func(context.Context) (result, error){
		stageFile: o.recordsIn(accessLTSV), stageLTSV: o.recordsIn(accessJSON), stageAvro: o.recordsIn(accessAvro),
		stageStats: o.requestsCounted, stageHDFS: o.rowsStored, stageElastic: o.documents,
	}
	for _, s := range w.list {
		s.out = out[s.name]
	}
}

// keptDeadLetters is how many records of a dead-letter topic are remembered.
const keptDeadLetters = 1000

// open creates the topics and starts the tally that reads them.
func (w *way) open(ctx context.Context, k *services.Kafka) (_ *tally.Tally, err error) {
	topics := map[string]int32{w.names.topic(offsets): 1}
	for _, t := range []string{accessLTSV, accessJSON, accessAvro} {
		topics[w.names.topic(t)] = partitions
	}
	keep := map[string]int{w.names.topic(offsets): -1}
	for _, s := range w.list {
		topics[s.dead] = 1
		keep[s.dead] = keptDeadLetters
	}
	if err := k.CreateTopics(ctx, topics, w.names.topic(offsets)); err != nil {
		return nil, err
	}
	w.tally, err = tally.Open(k.Options, slices.Sorted(maps.Keys(topics)), keep)
	return w.tally, err
}

// followInternal lets the tally read the stages' repartition topics too, which
// the stages create when they start.
func (w *way) followInternal() {
	for _, s := range w.list {
		for _, topic := range s.inputs {
			w.tally.Add(topic)
		}
	}
}

// sample is how far the stages have got at one moment.
type sample struct {
	at     time.Time
	stages []progress
	// level says that the tally had read every record in the topics before the
	// groups were asked for their offsets.
	level bool
}

// progress is how far one stage has got.
type progress struct {
	// processed counts the records that the stage has finished, lag those that
	// it has not; lag is -1 while it is unknown.
	processed, lag, rejected int64
}

// idle reports whether the groups have processed every record in their topics.
func (s sample) idle() bool {
	if !s.level {
		return false
	}
	for _, p := range s.stages[1:] {
		if p.lag != 0 {
			return false
		}
	}
	return true
}

// sample asks the groups for their offsets.
func (w *way) sample(ctx context.Context) (sample, error) {
	level, err := w.tally.Level(ctx)
	if err != nil {
		return sample{}, err
	}
	var groups []string
	for _, s := range w.list {
		if s.group != "" {
			groups = append(groups, s.group)
		}
	}
	committed := w.tally.Admin().FetchManyOffsets(ctx, groups...)
	out := sample{at: time.Now(), level: level}
	for _, s := range w.list {
		p, err := w.progress(s, committed)
		if err != nil {
			return sample{}, err
		}
		out.stages = append(out.stages, p)
	}
	return out, nil
}

// firstSample asks until the brokers can answer: fresh ones create the topic of
// the groups' offsets first.
func (w *way) firstSample(ctx context.Context) (sample, error) {
	patient, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		s, err := w.sample(ctx)
		if !kerr.IsRetriable(err) || pause(patient, sampleEvery) != nil {
			return s, err
		}
	}
}

func (w *way) progress(s *stage, committed kadm.FetchOffsetsResponses) (progress, error) {
	rejected := w.tally.Records(s.dead)
	if s.group == "" {
		return w.source.progress(rejected), nil
	}
	p := progress{rejected: rejected}
	r := committed[s.group]
	if r.Err != nil && !errors.Is(r.Err, kerr.GroupIDNotFound) { // a group exists once it has a member
		return p, fmt.Errorf("fetch the offsets of stage %s: group %s: %w", s.name, s.group, r.Err)
	}
	for i, topic := range s.inputs {
		passed := w.tally.Passed(topic, r.Fetched)
		p.lag += w.tally.Records(topic) - passed
		if i == len(s.inputs)-1 {
			p.processed = passed // through the last topic of the stage
		}
	}
	return p, nil
}

// through reports whether no record is on its way any more, once the source has
// reached its end. The output of one stage is the input of the next, so all
// stages are asked as many times as the longest chain of stages is long. All of
// that is repeated after a pause, because on real brokers the records of a
// transaction can become visible later than its offsets.
func (w *way) through(ctx context.Context) (bool, error) {
	const depth = 4
	for range 2 {
		for range depth {
			s, err := w.sample(ctx)
			if err != nil || !s.idle() {
				return false, err
			}
		}
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return false, err
		}
	}
	return true, nil
}

// count counts the rows of the table.
func (w *way) count(ctx context.Context) ([]row, error) {
	if err := w.tally.CatchUp(ctx); err != nil {
		return nil, err
	}
	s, err := w.sample(ctx)
	if err != nil {
		return nil, err
	}
	var table []row
	for i, stage := range w.list {
		r := row{stage: stage.name, rejected: s.stages[i].rejected}
		if stage.group == "" {
			w.source.countInto(ctx, &r)
		} else {
			r.in, r.waiting = w.tally.Records(stage.inputs[0]), s.stages[i].lag
		}
		out, err := stage.out(ctx)
		r.out, r.what = out.n, out.what
		if err != nil && r.uncounted == nil {
			r.uncounted = err
		}
		table = append(table, r)
	}
	return table, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
