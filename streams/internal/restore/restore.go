package restore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/horizon"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// restoreBytes is how much a recovery collects before it writes to the DB.
const restoreBytes = 4 << 20

// How much the client of a recovery fetches at a time, of all changelogs and of one. The
// records of a changelog are short, often counts: decompressed, and with what Go keeps for
// each, they take twenty times as much, and there are three fetches of a client in memory.
const (
	restoreFetch          = 2 << 20
	restoreFetchPartition = 512 << 10
)

// Changelog is the changelog of a store.
type Changelog struct {
	// Store is the store.
	Store topology.Store
	// Topic is the changelog's.
	Topic string
	// Horizon learns when what is read expires, after what the DB has of it. Default nil:
	// the store's records do not expire.
	Horizon *horizon.Horizon
}

// Options are what a task is restored with. All are required but as they say.
type Options struct {
	// Task is the task's id, for errors.
	Task string
	// Partition is that of the changelogs.
	Partition int32
	// Stores are all stores of the task, and Logs the changelogs of those that have one.
	Stores []topology.Store
	Logs   []Changelog
	// DB holds the stores.
	DB stores.DB
	// Client are the options of the client that reads, and Admin asks for ends. [Replay]
	// needs neither.
	Client []kgo.Opt
	Admin  *kadm.Client
	// StateDir is the folder that errors name.
	StateDir string
	// Ahead is how far ahead of the clock a record moves the time of a store. Default 0:
	// as far as it likes.
	Ahead time.Duration
	// Away is for how long the local state was not kept up to date: where that is longer
	// than changelogs keep deletions, it is given up. Default 0: it was kept up to date.
	Away time.Duration
	// Kept is what the task has kept with its offsets, see [NoteKinds]. Default: nothing.
	Kept map[string]int64
	// Listener hears how far it has come. Default: nobody does.
	Listener Listener
	// Turns are those of the process. Default: any number of tasks reads changelogs.
	Turns Turns
	// Restored counts the records that were read, and Remaining says how many are left.
	Restored, Remaining *atomic.Int64
	// Metrics counts records.
	Metrics *telemetry.Task
	// Logger gets what a person should act on.
	Logger *slog.Logger
}

// restorer brings the stores of a task to the ends of their changelogs. It reads all of
// them at the same time, and writes to the DB in big batches, each with the offsets
// that it reaches.
type restorer struct {
	Options
	parts  map[string]*reading // by topic
	loader *kinds.Loader

	foreign int // records that this app did not write
}

// newRestorer returns a restorer, nothing of which anybody waits for in the DB.
func newRestorer(o Options) *restorer {
	o.DB = stores.Paced(o.DB)
	return &restorer{Options: o, parts: map[string]*reading{}}
}

// Run restores the stores of a task, and returns when all are. What it has read when it
// fails stays in the DB.
func Run(ctx context.Context, o Options) error {
	r := newRestorer(o)
	err := node.Try(func() error { return r.restore(ctx) }) // a listener may panic
	if err != nil {
		for _, p := range r.parts {
			p.suspend()
		}
		return fmt.Errorf("task %s: restore: %w", o.Task, err)
	}
	return nil
}

// Replay is Run with the records of changelogs that the caller has.
func Replay(o Options, changelog []*kgo.Record) error {
	r := newRestorer(o)
	if err := r.resegmentAll(); err != nil {
		return err
	}
	if err := r.load(); err != nil {
		return err
	}
	for _, l := range r.Logs {
		r.parts[l.Topic] = &reading{log: l, partition: o.Partition}
	}
	for _, record := range changelog {
		r.add(record)
	}
	return r.flush()
}

func (r *restorer) restore(ctx context.Context) error {
	if err := r.resegmentAll(); err != nil || len(r.Logs) == 0 {
		return err
	}
	spans, err := r.spans(ctx)
	if err != nil {
		return err
	}
	if err := giveUpOld(ctx, &r.Options); err != nil {
		return err
	}
	for _, l := range r.Logs {
		if err := r.plan(l, spans[l.Topic]); err != nil {
			return err
		}
	}
	r.progress()
	if len(r.parts) == 0 {
		return nil
	}
	end, err := r.Turns.read(ctx)
	if err != nil {
		return err
	}
	defer end()
	began := time.Now()
	if err := r.load(); err != nil {
		return err
	}
	if err := r.run(ctx); err != nil {
		return err
	}
	if r.foreign > 1 {
		r.Logger.Warn("more records of changelogs are left out", "records", r.foreign-1)
	}
	r.Logger.Debug("state is restored", "records", r.Restored.Load(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// load makes the loader, over what is left of the local state.
func (r *restorer) load() (err error) {
	var specs []kinds.Spec
	for _, l := range r.Logs {
		specs = append(specs, l.Store.Spec)
	}
	r.loader, err = kinds.NewLoader(r.DB, StatePrefix(r.Partition), specs...)
	if err == nil && r.Ahead > 0 {
		r.loader.Believe(time.Now().Add(r.Ahead).UnixMilli())
	}
	return err
}

// plan decides where to begin. A local state that ends before the changelog's first record
// is wiped, because records in between are gone. Not one of windows: their records go
// with age, after the windows have. So is one of a topic of this name that there is not any
// more. One that is ahead of its changelog is not wiped: then it is the changelog that has
// lost something.
func (r *restorer) plan(l Changelog, s span) error {
	if s.start < s.end {
		if err := checkKind(&r.Options, l); err != nil {
			return err
		}
	}
	offset, ok, err := StoredOffset(r.DB, l.Store.Name, r.Partition)
	if err != nil {
		return err
	}
	was, err := storedTopic(r.DB, l.Store.Name, r.Partition)
	if err != nil {
		return err
	}
	from, why := s.start, ""
	switch {
	case ok && offset >= s.end:
		return fmt.Errorf("changelog %s-%d ends at %d, and the local state has come to %d of it: the topic was deleted and "+
			"made again, or brokers have lost records; %s", l.Topic, r.Partition, s.end, offset+1, r.waysOut())
	case ok && was != s.id && was != kadm.TopicID{} && s.id != kadm.TopicID{}:
		why = "rebuild local state, which is of a changelog that was deleted and made again"
	case ok && offset+1 < s.start && l.Store.Segment() == 0:
		why = "rebuild local state, which ends before the first record of its changelog"
	case ok:
		from = max(offset+1, s.start)
		if err := r.horizon(l); err != nil {
			return err
		}
	}
	if err := r.begin(l, why, offset, s, was); err != nil {
		return err
	}
	p := &reading{log: l, partition: r.Partition, listener: r.Listener, next: from, end: s.end, written: from}
	if from < s.end {
		r.parts[l.Topic] = p
	}
	p.begin()
	return nil
}

// begin wipes the local state of a store if there is a reason why, and notes of which topic it is from
// now on.
func (r *restorer) begin(l Changelog, why string, offset int64, s span, was kadm.TopicID) error {
	var b stores.Batch
	if why != "" {
		r.Logger.Warn(why, "changelog", l.Topic, "partition", r.Partition,
			"local_offset", offset, "start", s.start, "end", s.end)
		Wipe(&b, l.Store.Spec, r.Partition)
	}
	if why != "" || was != s.id {
		b.Put(topicKey(l.Store.Name, r.Partition), s.id[:])
	}
	if b.Len() == 0 {
		return nil
	}
	return r.DB.Apply(&b)
}

// horizon reads what the DB has of the expiry of a changelog.
func (r *restorer) horizon(l Changelog) error {
	if l.Horizon == nil {
		return nil
	}
	data, err := r.DB.Get(HorizonKey(l.Store.Name, r.Partition))
	l.Horizon.Parse(data)
	return err
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
		if err := r.Turns.do(ctx, func() error { return r.take(fetches) }); err != nil {
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
		from[topic] = map[int32]kgo.Offset{r.Partition: kgo.NewOffset().At(p.next)}
	}
	opts := append([]kgo.Opt(nil), r.Client...)
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
		err := r.loader.Add(p.log.Store.Name, kinds.Record{
			Key: record.Key, Value: record.Value, Timestamp: record.Timestamp.UnixMilli(),
		})
		if err != nil {
			r.leaveOut(record, err)
		}
	}
	p.next = record.Offset + 1
	p.records++
	if at, ok := p.log.Store.TimeOf(record.Key); ok && p.log.Horizon != nil {
		p.log.Horizon.Add(p.next, at)
	}
	r.Metrics.Restored()
	r.Restored.Add(1)
}

// leaveOut counts a record that is not in the format of the changelog, and logs the first.
func (r *restorer) leaveOut(record *kgo.Record, err error) {
	if r.foreign++; r.foreign == 1 {
		r.Logger.Warn("record of a changelog is left out: another program has written to the topic",
			"record", fmt.Sprintf("%s-%d@%d", record.Topic, record.Partition, record.Offset), "reason", err.Error())
	}
}

// flush writes what was collected, with the offsets.
func (r *restorer) flush() error {
	err := r.loader.Flush(func(b *stores.Batch) {
		for _, p := range r.parts {
			if p.next > p.written {
				b.Put(OffsetKey(p.log.Store.Name, r.Partition), binary.BigEndian.AppendUint64(nil, uint64(p.next-1)))
				if h := p.log.Horizon; h != nil {
					b.Put(HorizonKey(p.log.Store.Name, r.Partition), h.Append(nil))
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for _, p := range r.parts {
		if p.next > p.written {
			p.wrote()
		}
	}
	return nil
}

// progress publishes how much is to be read.
func (r *restorer) progress() {
	left := int64(0)
	for _, p := range r.parts {
		left += max(p.end-p.next, 0)
	}
	r.Remaining.Store(left)
}

// resegmentAll looks at the layout of all stores.
func (r *restorer) resegmentAll() error {
	for _, s := range r.Stores {
		if err := r.resegment(s); err != nil {
			return err
		}
	}
	return nil
}

// resegment empties a store whose keys in the DB are cut into other spans of time than
// the topology's: it is restored from its changelog.
func (r *restorer) resegment(s topology.Store) error {
	if s.Segment() == 0 {
		return nil
	}
	key, want := segmentKey(s.Name, r.Partition), binary.BigEndian.AppendUint64(nil, uint64(s.Segment()))
	was, err := r.DB.Get(key)
	if err != nil || string(was) == string(want) {
		return err
	}
	var b stores.Batch
	if was != nil {
		r.Logger.Warn("rebuild local state, whose retention has changed", "store", s.Name, "retention", s.Retention)
		Wipe(&b, s.Spec, r.Partition)
	}
	b.Put(key, want)
	return r.DB.Apply(&b)
}
