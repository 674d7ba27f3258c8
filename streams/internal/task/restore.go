package task

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
)

// restoreBytes is how much a recovery collects before it writes to the DB.
const restoreBytes = 4 << 20

// How much the client of a recovery fetches at a time, of all changelogs and of one.
const (
	restoreFetch          = 16 << 20
	restoreFetchPartition = 8 << 20
)

// restorer brings the stores of a task to the ends of their changelogs. It reads all of
// them at the same time, and writes to the DB in big batches, each with the offsets
// that it reaches.
type restorer struct {
	task   *Task
	parts  map[string]*restoring // by topic
	loader *kinds.Loader

	foreign int // records that this app did not write
}

// restoring is the reading of one changelog.
type restoring struct {
	log       *changelog
	next, end int64 // the next offset to read, and the first one that is not read
	written   int64 // next, as of the last batch
}

// restore restores the task's stores. It returns when all have been restored.
func (t *Task) restore(ctx context.Context) error {
	if t.DB != nil {
		for _, s := range t.Sub.Stores {
			if err := t.resegment(s); err != nil {
				return fmt.Errorf("task %s: restore: %w", t.ID, err)
			}
		}
	}
	if len(t.logs) == 0 {
		return nil
	}
	spans, err := t.spans(ctx)
	if err != nil {
		return fmt.Errorf("task %s: restore: %w", t.ID, err)
	}
	r := &restorer{task: t, parts: map[string]*restoring{}}
	for _, l := range t.logs {
		if err := r.plan(l, spans[l.topic]); err != nil {
			return fmt.Errorf("task %s: restore: %w", t.ID, err)
		}
	}
	r.progress()
	if len(r.parts) == 0 {
		return nil
	}
	began := time.Now()
	if err := r.load(); err != nil {
		return fmt.Errorf("task %s: restore: %w", t.ID, err)
	}
	if err := r.run(ctx); err != nil {
		return fmt.Errorf("task %s: restore: %w", t.ID, err)
	}
	if r.foreign > 1 {
		t.Logger.Warn("more records of changelogs are left out", "task", t.ID.String(), "records", r.foreign-1)
	}
	t.Logger.Debug("state is restored", "records", t.restored.Load(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// load makes the loader, over what is left of the local state.
func (r *restorer) load() (err error) {
	var specs []kinds.Spec
	for _, l := range r.task.logs {
		specs = append(specs, l.store.Spec)
	}
	r.loader, err = kinds.NewLoader(r.task.DB, StatePrefix(r.task.ID.Partition), specs...)
	if err == nil && r.task.Ahead > 0 {
		r.loader.Believe(time.Now().Add(r.task.Ahead).UnixMilli())
	}
	return err
}

// plan decides where to begin. A local state that ends before the changelog's first record
// is wiped, because records in between are gone. Not one of windows: their records go
// with age, after the windows have. One that is ahead of its changelog is not wiped
// either: then it is the changelog that has lost something.
func (r *restorer) plan(l *changelog, s span) error {
	from := s.start
	offset, ok, err := StoredOffset(r.task.DB, l.store.Name, l.partition)
	switch {
	case err != nil:
		return err
	case ok && offset >= s.end:
		return fmt.Errorf("changelog %s-%d ends at %d, and the local state has come to %d of it: the topic was deleted and "+
			"made again, or brokers have lost records; %s", l.topic, l.partition, s.end, offset+1, r.task.waysOut())
	case ok && offset+1 < s.start && l.store.Segment() == 0:
		r.task.Logger.Warn("rebuild local state, which ends before the first record of its changelog",
			"changelog", l.topic, "local_offset", offset, "start", s.start, "end", s.end)
		var b stores.Batch
		wipe(&b, l.store.Spec, l.partition)
		if err := r.task.DB.Apply(&b); err != nil {
			return err
		}
	case ok:
		from = max(offset+1, s.start)
	}
	if from < s.end {
		r.parts[l.topic] = &restoring{log: l, next: from, end: s.end, written: from}
	}
	return nil
}

// run reads until every changelog has been read to its end. What it has read when it
// fails stays in the DB.
func (r *restorer) run(ctx context.Context) error {
	cl, err := r.client()
	if err != nil {
		return err
	}
	defer cl.Close()
	for !r.done() {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), r.flush())
		}
		if err := fetches.Err(); err != nil && !errors.Is(err, context.Canceled) {
			if batch, ok := kafka.TooLarge(err); ok {
				err = batch
			}
			return fmt.Errorf("read changelogs: %w", err)
		}
		if err := r.take(fetches); err != nil {
			return err
		}
		r.progress()
	}
	return r.flush()
}

// client returns a client that reads committed records and transaction markers. The last
// offset of a transaction is its marker: without it the end would never be reached.
func (r *restorer) client() (*kgo.Client, error) {
	from := map[string]map[int32]kgo.Offset{}
	for topic, p := range r.parts {
		from[topic] = map[int32]kgo.Offset{p.log.partition: kgo.NewOffset().At(p.next)}
	}
	opts := append([]kgo.Opt(nil), r.task.Client...)
	return kgo.NewClient(append(opts, kgo.ConsumePartitions(from),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.FetchMaxBytes(restoreFetch), kgo.FetchMaxPartitionBytes(restoreFetchPartition),
	)...)
}

func (r *restorer) done() bool {
	for _, p := range r.parts {
		if p.next < p.end {
			return false
		}
	}
	return true
}

// take collects the records of a poll, and writes them when they are enough.
func (r *restorer) take(fetches kgo.Fetches) error {
	for it := fetches.RecordIter(); !it.Done(); {
		r.add(it.Next())
		if r.loader.Bytes() >= restoreBytes {
			if err := r.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// add collects a record. A marker only moves the position, and so does a record that
// another program has written: whoever may write to the topic must not be able to end
// the app.
func (r *restorer) add(record *kgo.Record) {
	p := r.parts[record.Topic]
	if !record.Attrs.IsControl() && record.Key != nil {
		err := r.loader.Add(p.log.store.Name, kinds.Record{
			Key: record.Key, Value: record.Value, Timestamp: record.Timestamp.UnixMilli(),
		})
		if err != nil {
			r.leaveOut(record, err)
		}
	}
	p.next = record.Offset + 1
	r.task.Metrics.Restored()
	r.task.restored.Add(1)
}

// leaveOut counts a record that is not in the format of the changelog, and logs the first.
func (r *restorer) leaveOut(record *kgo.Record, err error) {
	if r.foreign++; r.foreign == 1 {
		r.task.Logger.Warn("record of a changelog is left out: another program has written to the topic",
			"record", fmt.Sprintf("%s-%d@%d", record.Topic, record.Partition, record.Offset), "reason", err.Error())
	}
}

// flush writes what was collected, with the offsets.
func (r *restorer) flush() error {
	return r.loader.Flush(func(b *stores.Batch) {
		for _, p := range r.parts {
			if p.next > p.written {
				p.written = p.next
				b.Put(offsetKey(p.log.store.Name, p.log.partition), binary.BigEndian.AppendUint64(nil, uint64(p.next-1)))
			}
		}
	})
}

// progress publishes how much is to be read.
func (r *restorer) progress() {
	left := int64(0)
	for _, p := range r.parts {
		left += max(p.end-p.next, 0)
	}
	r.task.remaining.Store(left)
}
