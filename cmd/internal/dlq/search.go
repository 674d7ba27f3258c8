package dlq

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/suiro/suiro/cmd/internal/dlq/replay"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/kafka"
)

// search reads letters for list and show.
type search struct {
	selection
	max   int64
	group string

	memories replay.Memories // nil when they are not known
}

func (s *search) define(c *cobra.Command) {
	s.selection.define(c)
	c.Flags().Int64Var(&s.max, "max", 100_000, "Read this `number` of letters at most, the newest ones; 0 is all")
	c.Flags().StringVar(&s.group, "group", "", "The `group` of the replays whose letters count as put back (default "+
		replay.GroupOf("")+" and the topic)")
}

// tally says how much was read.
type tally struct {
	// Read is how many letters were read, and Matched how many of them are meant.
	Read    int64 `json:"read"`
	Matched int64 `json:"matched"`
	// Whole is that no flag kept a part of the topic from being read.
	Whole bool `json:"whole"`
	// Unread is how many offsets were not read, as --max says. Markers of transactions take some.
	Unread int64 `json:"unread"`
	// Refused is how many offsets are in batches that are too large to be read.
	Refused int64 `json:"refused"`
	// Spans are the offsets that were read.
	Spans []reader.Span `json:"spans"`
}

// run calls found with each letter that is meant.
func (s *search) run(c *cobra.Command, topic string, found func(*letter.Letter)) (tally, error) {
	rng, err := s.check(c, time.Now())
	if err != nil {
		return tally{}, err
	}
	if s.max < 0 {
		return tally{}, cli.UsageError{Err: fmt.Errorf("--max %d: must not be negative", s.max)}
	}
	brokers, err := s.Open(c)
	if err != nil {
		return tally{}, err
	}
	cl, err := brokers.Client()
	if err != nil {
		return tally{}, err
	}
	defer cl.Close()
	t, err := s.spans(c.Context(), cl, topic, rng)
	if err != nil {
		return t, err
	}
	if s.memories, err = s.remembered(c.Context(), cl, topic); err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "%s: which letters were put back is not known: %v\n", c.Root().Name(), err)
	}
	take := func(r *kgo.Record) (bool, error) {
		t.Read++
		if l := letter.Parse(r); s.filter.Match(l) {
			t.Matched++
			found(l)
		}
		return true, nil
	}
	refused := func(b kafka.Batch) { t.Refused += b.Records() }
	return t, reader.Reader{Record: take, Refused: refused}.Read(c.Context(), cl, topic, t.Spans)
}

// spans are those that are read.
func (s *search) spans(ctx context.Context, cl *kgo.Client, topic string, rng reader.Range) (t tally, err error) {
	all, err := reader.Spans(ctx, cl, topic)
	if err != nil {
		return t, err
	}
	if t.Spans, err = rng.Within(all); err != nil {
		return t, err
	}
	if t.Spans, err = reader.Since(ctx, cl, topic, t.Spans, s.filter.Since); err != nil {
		return t, err
	}
	t.Whole = slices.Equal(t.Spans, all)
	if total := reader.Total(t.Spans); s.max > 0 && total > s.max {
		t.Spans, t.Unread, t.Whole = reader.Newest(t.Spans, s.max), total-s.max, false
	}
	return t, nil
}

func (s *search) remembered(ctx context.Context, cl *kgo.Client, topic string) (replay.Memories, error) {
	if s.group == "" {
		s.group = replay.GroupOf(topic)
	}
	all, err := reader.Spans(ctx, cl, topic)
	if err != nil {
		return nil, cluster.Explain(err)
	}
	return replay.Look(ctx, cl, s.group, topic, all)
}

// back reports whether a letter was put back.
func (s *search) back(l *letter.Letter) bool {
	m, known := s.memories[l.Record.Partition]
	return known && m.Known && m.Has(l.Record.Offset)
}

// String says in a sentence how much was read.
func (t tally) String() string {
	letters, partitions := output.Plural(int(t.Read), "letter"), output.Plural(len(t.Spans), "partition")
	text := fmt.Sprintf("Read %s of %s, all in the part of the topic that the flags mean", letters, partitions)
	switch {
	case t.Unread > 0:
		text = fmt.Sprintf("Read the newest %s of %s; %d older offsets were not read, see --max", letters, partitions,
			t.Unread)
	case t.Whole:
		text = fmt.Sprintf("Read %s of %s, all that there are", letters, partitions)
	}
	if t.Refused > 0 {
		text += fmt.Sprintf(", but for %d in batches that are too large", t.Refused)
	}
	if t.Matched < t.Read {
		text += fmt.Sprintf("; %d of them as the flags say", t.Matched)
	}
	return text + "."
}
