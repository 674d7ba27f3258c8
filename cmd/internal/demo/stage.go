package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// stage is one part of the way: what reads a topic and writes somewhere else.
type stage struct {
	name string
	// group is the consumer group, "" for the file source.
	group string
	// inputs are the topics that the group reads: the first is where its
	// records come from, the others are its own.
	inputs []string
	// dead is the topic of its dead letters.
	dead string
	// out counts what it wrote, where it was written to.
	out func(ctx context.Context) (result, error)
}

// result is what a stage wrote.
type result struct {
	n    int64
	what string
}

// stages are those of this run, in the order of the way.
func (d *demo) stages() []*stage {
	n := d.names
	list := []*stage{
		{name: stageFile, out: d.recordsIn(accessLTSV)},
		{name: stageLTSV, group: n.app(stageLTSV), inputs: []string{n.topic(accessLTSV)}, out: d.recordsIn(accessJSON)},
		{name: stageAvro, group: n.app(stageAvro), inputs: []string{n.topic(accessJSON)}, out: d.recordsIn(accessAvro)},
		{name: stageStats, group: n.app(stageStats), out: d.requestsCounted,
			inputs: []string{n.topic(accessJSON), n.byServer()}},
		{name: stageHDFS, group: n.connectorGroup(stageHDFS), inputs: []string{n.topic(accessAvro)}, out: d.rowsStored},
	}
	if d.o.Elasticsearch != "" {
		list = append(list, &stage{name: stageElastic, group: n.connectorGroup(stageElastic),
			inputs: []string{n.topic(accessJSON)}, out: d.documents})
	}
	for _, s := range list {
		s.dead = n.dead(s.name)
	}
	return list
}

// sample is how far the stages are.
type sample struct {
	at     time.Time
	stages []progress
	// level says that the tally had read everything there was before the
	// groups were asked for their offsets.
	level bool
}

// progress is how far one stage is.
type progress struct {
	// processed counts the records that the stage is done with, lag those it
	// is not; lag is -1 when it is not known yet.
	processed, lag, rejected int64
}

// sample asks the groups how far they are.
func (d *demo) sample(ctx context.Context) (sample, error) {
	level, err := d.tally.level(ctx)
	if err != nil {
		return sample{}, err
	}
	var groups []string
	for _, s := range d.list {
		if s.group != "" {
			groups = append(groups, s.group)
		}
	}
	committed := d.tally.adm.FetchManyOffsets(ctx, groups...)
	out := sample{at: time.Now(), level: level}
	for _, s := range d.list {
		p, err := d.progress(s, committed)
		if err != nil {
			return sample{}, err
		}
		out.stages = append(out.stages, p)
	}
	return out, nil
}

func (d *demo) progress(s *stage, committed kadm.FetchOffsetsResponses) (progress, error) {
	p := progress{rejected: d.tally.records(s.dead)}
	if s.group == "" {
		p.processed = d.tally.records(d.names.topic(accessLTSV)) + p.rejected - d.earlier
		p.lag = -1
		if total, ok := d.lines.known(); ok {
			p.lag = max(0, total-p.processed) // a log may have grown
		}
		return p, nil
	}
	r := committed[s.group]
	if r.Err != nil && !errors.Is(r.Err, kerr.GroupIDNotFound) { // a group begins with its first member
		return p, fmt.Errorf("ask how far %s is: group %s: %w", s.name, s.group, r.Err)
	}
	for i, topic := range s.inputs {
		passed := d.tally.passed(topic, r.Fetched)
		p.lag += d.tally.records(topic) - passed
		if i == len(s.inputs)-1 {
			p.processed = passed // of the last topic on its way
		}
	}
	return p, nil
}

// idle reports whether the groups are through with all there was.
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

// through reports whether nothing is on its way any more, once the source is
// at its end. What one stage writes is input for the next, so all are asked as
// often as there are stages behind one another; and once more after a while,
// because on real brokers the records of a transaction can be seen a moment
// later than its offsets.
func (d *demo) through(ctx context.Context) (bool, error) {
	const depth = 4
	for range 2 {
		for range depth {
			s, err := d.sample(ctx)
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

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
