package admin

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// purgeInterval is how often processed records of repartition topics, and expired ones of
// changelogs, are deleted; Kafka Streams' repartition.purge.interval.ms.
const purgeInterval = 30 * time.Second

// Purger deletes records that nobody needs any more from the app's own topics.
type Purger struct {
	// Client are the options of the client.
	Client []kgo.Opt
	// Names are those of the app's topics. What is processed of its repartition topics is
	// deleted.
	Names Names
	// Expired calls each with the changelogs of windows that this process has, and the
	// offsets below which all their records have expired. Any goroutine may call it.
	Expired func(each func(topic string, partition int32, below int64))
	// Brokers tells whether they can be reached. While they cannot it waits.
	Brokers *kafka.Brokers
	// Log gets a failure. It is tried again later: the records only take space.
	Log *slog.Logger

	deleted map[partition]int64 // up to which offset
	refused bool                // it was said that a topic's configuration does not allow it
}

// partition is one of a topic.
type partition struct {
	topic  string
	number int32
}

// Run deletes records until ctx is done.
func (p *Purger) Run(ctx context.Context) error {
	cl, err := kgo.NewClient(p.Client...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(purgeInterval):
		}
		if reachable, _, _ := p.Brokers.State(); !reachable {
			continue
		}
		if err := p.purge(ctx, adm); err != nil && ctx.Err() == nil {
			p.Log.Warn("purge repartition topics", "error", err)
		}
		if err := p.expire(ctx, adm); err != nil && ctx.Err() == nil {
			p.Log.Warn("delete expired windows from changelogs", "error", err)
		}
	}
}

// purge deletes what is processed of repartition topics.
func (p *Purger) purge(ctx context.Context, adm *kadm.Client) error {
	if len(p.Names.Internal) == 0 {
		return nil
	}
	committed, err := adm.FetchOffsets(ctx, p.Names.ApplicationID)
	if err != nil {
		return err
	}
	done := kadm.Offsets{}
	for _, name := range sorted(p.Names.Internal) {
		for _, o := range committed[p.Names.Topic(name)] {
			if o.Err == nil && o.At > 0 {
				done.Add(o.Offset)
			}
		}
	}
	if len(done) == 0 {
		return nil
	}
	deleted, err := adm.DeleteRecords(ctx, done)
	if err != nil {
		return err
	}
	return deleted.Error()
}

// expire deletes what has expired of changelogs, once.
func (p *Purger) expire(ctx context.Context, adm *kadm.Client) error {
	expired := kadm.Offsets{}
	p.Expired(func(topic string, number int32, below int64) {
		if below > p.deleted[partition{topic, number}] {
			expired.AddOffset(topic, number, below, -1)
		}
	})
	if len(expired) == 0 {
		return nil
	}
	responses, err := adm.DeleteRecords(ctx, expired)
	if err != nil {
		return err
	}
	if p.deleted == nil {
		p.deleted = map[partition]int64{}
	}
	var failed error
	responses.Each(func(r kadm.DeleteRecordsResponse) {
		switch {
		case r.Err == nil:
			p.deleted[partition{r.Topic, r.Partition}] = expired[r.Topic][r.Partition].At
		case errors.Is(r.Err, kerr.PolicyViolation):
			p.refuse(r.Topic)
		case failed == nil:
			failed = r.Err
		}
	})
	return failed
}

// refuse says once that a changelog may only be compacted.
func (p *Purger) refuse(topic string) {
	if p.refused {
		return
	}
	p.refused = true
	p.Log.Warn("expired windows cannot be deleted from a changelog, which therefore keeps growing: "+
		"set cleanup.policy=compact,delete and retention.ms=-1 on it", "topic", topic)
}
