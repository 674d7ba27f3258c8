// Package reader reads a part of a topic: from offsets to offsets, and then it ends.
package reader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/connect/config"
)

// Span is a part of a partition.
type Span struct {
	// Partition is its number.
	Partition int32 `json:"partition"`
	// From is the first offset of the span and To the one behind it.
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Len is how many offsets the span has. Markers of transactions take some of them.
func (s Span) Len() int64 { return max(0, s.To-s.From) }

// Total is how many offsets spans have together.
func Total(spans []Span) (n int64) {
	for _, s := range spans {
		n += s.Len()
	}
	return n
}

// Spans returns all there is of a topic now, by partition: everything that was committed
// before the first transaction that is open.
func Spans(ctx context.Context, cl *kgo.Client, topic string) ([]Span, error) {
	adm := kadm.NewClient(cl)
	details, err := adm.ListTopics(ctx, topic)
	if err == nil && details[topic].Err != nil {
		if names, nameErr := cluster.Topics(ctx, cl); nameErr == nil && !slices.Contains(names, topic) {
			return nil, missing(topic, names)
		}
		err = details[topic].Err
	}
	if err != nil {
		return nil, fmt.Errorf("look for topic %s: %w", topic, cluster.Explain(err))
	}
	first, err := adm.ListStartOffsets(ctx, topic)
	if err == nil {
		err = first.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list offsets of topic %s: %w", topic, cluster.Explain(err))
	}
	next, err := adm.ListCommittedOffsets(ctx, topic)
	if err == nil {
		err = next.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list offsets of topic %s: %w", topic, cluster.Explain(err))
	}
	var out []Span
	first.Each(func(o kadm.ListedOffset) {
		to, _ := next.Lookup(topic, o.Partition)
		out = append(out, Span{o.Partition, o.Offset, max(o.Offset, to.Offset)})
	})
	slices.SortFunc(out, func(a, b Span) int { return cmp.Compare(a.Partition, b.Partition) })
	return out, nil
}

func missing(topic string, names []string) error {
	if near := config.Nearest(topic, names); near != "" {
		return fmt.Errorf("there is no topic %s, did you mean %s?", topic, near)
	}
	return fmt.Errorf("there is no topic %s, or its ACLs do not let this user see it", topic)
}

// Since leaves out what lies before the first record of each partition that is not older
// than a moment.
func Since(ctx context.Context, cl *kgo.Client, topic string, spans []Span, at time.Time) ([]Span, error) {
	if at.IsZero() {
		return spans, nil
	}
	offsets, err := kadm.NewClient(cl).ListOffsetsAfterMilli(ctx, at.UnixMilli(), topic)
	if err == nil {
		err = offsets.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("find offsets of %s by time: %w", topic, cluster.Explain(err))
	}
	out := slices.Clone(spans)
	for i := range out {
		if o, ok := offsets.Lookup(topic, out[i].Partition); ok {
			out[i].From = min(out[i].To, max(out[i].From, o.Offset))
		}
	}
	return out, nil
}

// Range is a part of the offsets of each partition, or of one.
type Range struct {
	// Partition is the number of the partition, -1 for all.
	Partition int32
	// From and To are the first and the last offset; -1 is no bound.
	From, To int64
}

// All is everything.
var All = Range{-1, -1, -1}

// Has reports whether an offset is in the range.
func (r Range) Has(partition int32, offset int64) bool {
	return (r.Partition < 0 || partition == r.Partition) && offset >= r.From && (r.To < 0 || offset <= r.To)
}

// ErrNoPartition is that a topic does not have the partition of a range.
var ErrNoPartition = errors.New("the topic has no such partition")

// Within returns the parts of spans that are in the range.
func (r Range) Within(spans []Span) ([]Span, error) {
	var out []Span
	for _, s := range spans {
		if r.Partition >= 0 && s.Partition != r.Partition {
			continue
		}
		s.From = max(s.From, r.From)
		if r.To >= 0 {
			s.To = min(s.To, r.To+1)
		}
		s.To = max(s.From, s.To)
		out = append(out, s)
	}
	if len(out) == 0 && r.Partition >= 0 {
		return nil, fmt.Errorf("--partition %d: %w, it has %d", r.Partition, ErrNoPartition, len(spans))
	}
	return out, nil
}

// Newest returns the ends of spans, so that they have at most n offsets together: the
// same number of each partition, as far as it has so many.
func Newest(spans []Span, n int64) []Span {
	order := slices.Clone(spans)
	slices.SortFunc(order, func(a, b Span) int { return cmp.Compare(a.Len(), b.Len()) })
	for i := range order {
		share := min(order[i].Len(), n/int64(len(order)-i))
		order[i].From = order[i].To - share
		n -= share
	}
	slices.SortFunc(order, func(a, b Span) int { return cmp.Compare(a.Partition, b.Partition) })
	return order
}
