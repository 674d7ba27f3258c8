package trial

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/suiro/suiro/cmd/internal/attack/feed"
	"github.com/suiro/suiro/cmd/internal/attack/honest"
	"github.com/suiro/suiro/cmd/internal/attack/place"
	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// places are all places where honest records have to arrive, and those where they must
// not. One goroutine uses them.
type places struct {
	stage  *stage.Stage
	feed   *feed.Feed
	quick  []at
	slow   []at
	dead   []*place.Topic
	topics []*place.Topic // all that are to be closed
}

// at is a place of a lane.
type at struct {
	place.Place
	lane *honest.Lane
}

func newPlaces(s *stage.Stage, f *feed.Feed) (*places, error) {
	p := &places{stage: s, feed: f}
	for _, name := range []string{"json", "avro"} {
		topic, err := p.topic(s.Topic(name), f.Log)
		if err != nil {
			return nil, err
		}
		p.quick = append(p.quick, at{topic, f.Log})
	}
	for _, dead := range s.Dead() {
		for _, lane := range []*honest.Lane{f.Log, f.Avro, f.Envelope} {
			topic, err := p.topic(dead, lane)
			if err != nil {
				return nil, err
			}
			p.dead = append(p.dead, topic)
		}
	}
	file := func(name string, l *honest.Lane) at { return at{place.NewFile(filepath.Join(s.Sink, name), l), l} }
	p.quick = append(p.quick, file("json.txt", f.Log), file("ltsv.txt", f.Log), file("registry.txt", f.Avro),
		file("envelope.txt", f.Envelope), at{place.NewStats(s.Stats.HTTP, f.VHost(), f.Log), f.Log})
	own := path.Join(s.Topics, s.Topic("json"), "vhost="+f.VHost())
	p.slow = []at{{place.NewIndex(s.Elasticsearch, s.Topic("json"), f.VHost(), f.Log), f.Log},
		{place.NewFolder(s.Storage, own, f.Log), f.Log}}
	return p, nil
}

func (p *places) topic(name string, l *honest.Lane) (*place.Topic, error) {
	t, err := place.NewTopic(p.stage.Kafka, name, l)
	if err == nil {
		p.topics = append(p.topics, t)
	}
	return t, err
}

func (p *places) close() {
	for _, t := range p.topics {
		t.Close()
	}
}

func (p *places) all() []at { return append(append([]at(nil), p.quick...), p.slow...) }

// marks are how many records of each lane are fed by now.
func (p *places) marks() map[*honest.Lane]int {
	return map[*honest.Lane]int{p.feed.Log: p.feed.Log.Fed(), p.feed.Avro: p.feed.Avro.Fed(),
		p.feed.Envelope: p.feed.Envelope.Fed()}
}

// late says which places have not got all records up to the marks, "" when all have.
func (p *places) late(ctx context.Context, marks map[*honest.Lane]int, slow bool) (string, error) {
	which := p.quick
	if slow {
		which = p.all()
	}
	var words []string
	var errs []error
	for _, a := range which {
		if a.Arrived() >= marks[a.lane] {
			continue
		}
		if err := a.Look(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", a.Name(), err))
		}
		if got := a.Arrived(); got < marks[a.lane] {
			words = append(words, fmt.Sprintf("%s has all up to %d of %d", a.Name(), got, marks[a.lane]))
		}
	}
	return strings.Join(words, "; "), errors.Join(errs...)
}

// missing tells what is known of records that are late: which of them, and whether they
// are dead letters.
func (p *places) missing(ctx context.Context) error {
	var errs []error
	for _, a := range p.all() {
		if index, ok := a.Place.(*place.Index); ok {
			errs = append(errs, index.Read(ctx))
		}
		if err := a.Wrong(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", a.Name(), err))
		}
	}
	return errors.Join(append(errs, p.letters()...)...)
}

// letters returns an error for each topic of dead letters that has an honest record.
func (p *places) letters() []error {
	var errs []error
	for _, d := range p.dead {
		if id, ok := d.Any(); ok {
			errs = append(errs, fmt.Errorf("%s: the honest record %s is a dead letter", d.Name(), id))
		}
	}
	return errs
}

// wrong compares every place with what was fed, and looks for honest records where none
// may be.
func (p *places) wrong(ctx context.Context) error {
	var errs []error
	for _, a := range p.all() {
		if err := errors.Join(a.Look(ctx), a.Wrong()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", a.Name(), err))
		}
	}
	errs = append(errs, p.letters()...)
	everywhere := place.NewFolder(p.stage.Storage, p.stage.Topics, p.feed.Log)
	if err := errors.Join(everywhere.Look(ctx), everywhere.Wrong()); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", everywhere.Name(), err))
	}
	return errors.Join(errs...)
}

// String says how many records are in every place.
func (p *places) String() string {
	return fmt.Sprintf("%d honest lines, %d Avro records and %d with a schema are in all %d places, once each",
		p.feed.Log.Fed(), p.feed.Avro.Fed(), p.feed.Envelope.Fed(), len(p.all()))
}
