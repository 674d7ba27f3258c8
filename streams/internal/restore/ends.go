package restore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/streams/internal/statedir"
)

// A changelog that was made a moment ago may be unknown to the broker that answers, for
// newTopicWait at most. The broker is asked every newTopicPause.
const (
	newTopicWait  = 10 * time.Second
	newTopicPause = 200 * time.Millisecond
)

// errGone says that a changelog does not exist. It is not the broker's error: a new
// thread would not find it either.
var errGone = errors.New("it does not exist")

// span is what a changelog has of a partition: the first offset and the high watermark.
// It is the high watermark and not the last stable offset on purpose: a commit whose
// markers are still being written must be waited for. id is the topic's, of which each that is
// made has another (KIP-516); brokers before 2.8 have none.
type span struct {
	start, end int64
	id         kadm.TopicID
}

// spans asks for the spans of the task's changelogs.
func (r *restorer) spans(ctx context.Context) (map[string]span, error) {
	for end := time.Now().Add(newTopicWait); ; {
		found, err := r.listSpans(ctx)
		if !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return found, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%w; %s", errGone, r.waysOut())
		}
		if err := backoff.Sleep(ctx, newTopicPause); err != nil {
			return nil, err
		}
	}
}

func (r *restorer) listSpans(ctx context.Context) (map[string]span, error) {
	topics := make([]string, len(r.Logs))
	for i, l := range r.Logs {
		topics[i] = l.Topic
	}
	known, err := r.Admin.ListTopics(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("ids of changelogs: %w", err)
	}
	starts, err := r.Admin.ListStartOffsets(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("ends of changelogs: %w", err)
	}
	ends, err := r.Admin.ListEndOffsets(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("ends of changelogs: %w", err)
	}
	found := map[string]span{}
	for _, l := range r.Logs {
		start, err := listed(starts, l, r.Partition)
		if err != nil {
			return nil, err
		}
		end, err := listed(ends, l, r.Partition)
		if err != nil {
			return nil, err
		}
		found[l.Topic] = span{start, end, known[l.Topic].ID}
	}
	return found, nil
}

func listed(offsets kadm.ListedOffsets, l Changelog, partition int32) (int64, error) {
	o, ok := offsets.Lookup(l.Topic, partition)
	if !ok {
		o.Err = kerr.UnknownTopicOrPartition
	}
	if o.Err != nil {
		return 0, fmt.Errorf("ends of changelog %s-%d: %w", l.Topic, partition, o.Err)
	}
	return o.Offset, nil
}

// waysOut says what to do when a changelog and the local state don't fit.
func (r *restorer) waysOut() string { return statedir.WaysOut(r.StateDir) }
