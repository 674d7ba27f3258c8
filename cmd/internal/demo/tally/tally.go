// Package tally counts the records of topics independently of who writes and reads
// them: it reads all of them, read_committed, and knows how many records each
// topic holds and how many of them lie below any offset.
package tally

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Tally reads topics from their beginning, read_committed, and counts their
// records. Transaction markers and aborted records are not counted. It is safe
// for concurrent use.
type Tally struct {
	cl   *kgo.Client
	adm  *kadm.Client
	done chan struct{} // closed when its goroutine has ended

	mu     sync.Mutex // guards all below
	topics map[string]map[int32]*counted
	keep   map[string]int // how many records of a topic are remembered, -1 is all
	kept   map[string][]*kgo.Record
	failed error
}

// counted is what is known of a partition: the offsets of its records, in
// stretches without a gap.
type counted struct {
	stretches []stretch
	next      int64 // the offset after the last one that was read
}

// stretch is a sequence of records at consecutive offsets.
type stretch struct {
	first, count int64
	before       int64 // records in all earlier stretches
}

// Open starts to read the topics. keep is how many records of a topic are
// remembered, -1 for all; the records of topics without an entry are only
// counted.
func Open(opts []kgo.Opt, topics []string, keep map[string]int) (*Tally, error) {
	cl, err := kgo.NewClient(append(opts[:len(opts):len(opts)],
		kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(2*time.Second))...)
	if err != nil {
		return nil, fmt.Errorf("open the tally: %w", err)
	}
	t := &Tally{cl: cl, adm: kadm.NewClient(cl), done: make(chan struct{}), topics: map[string]map[int32]*counted{},
		keep: keep, kept: map[string][]*kgo.Record{}}
	for _, topic := range topics {
		t.topics[topic] = map[int32]*counted{}
	}
	go t.read()
	return t, nil
}

// Admin is an admin client of the same brokers; Close closes it.
func (t *Tally) Admin() *kadm.Client { return t.adm }

// Close stops reading and waits until it has stopped.
func (t *Tally) Close() {
	t.cl.Close()
	<-t.done
}

// Add starts to read another topic; a topic that is read already is ignored.
func (t *Tally) Add(topic string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.topics[topic] == nil {
		t.topics[topic] = map[int32]*counted{}
		t.cl.AddConsumeTopics(topic)
	}
}

func (t *Tally) read() {
	defer close(t.done)
	for {
		fetches := t.cl.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		t.mu.Lock()
		for _, e := range fetches.Errors() {
			t.failed = fmt.Errorf("count the records of %s: %w", e.Topic, e.Err)
		}
		fetches.EachRecord(t.count)
		t.mu.Unlock()
	}
}

// count adds one record. The caller holds mu.
func (t *Tally) count(r *kgo.Record) {
	c := t.topics[r.Topic][r.Partition]
	if c == nil {
		c = &counted{}
		t.topics[r.Topic][r.Partition] = c
	}
	if r.Offset < c.next {
		return // read again after the connection was lost
	}
	c.next = r.Offset + 1
	if r.Attrs.IsControl() {
		return
	}
	c.add(r.Offset)
	if most := t.keep[r.Topic]; most < 0 || len(t.kept[r.Topic]) < most {
		t.kept[r.Topic] = append(t.kept[r.Topic], r)
	}
}

func (c *counted) add(offset int64) {
	if n := len(c.stretches); n > 0 {
		last := &c.stretches[n-1]
		if last.first+last.count == offset {
			last.count++
			return
		}
	}
	c.stretches = append(c.stretches, stretch{first: offset, count: 1, before: c.total()})
}

func (c *counted) total() int64 {
	if len(c.stretches) == 0 {
		return 0
	}
	last := c.stretches[len(c.stretches)-1]
	return last.before + last.count
}

// below counts the records with offsets below this one.
func (c *counted) below(offset int64) int64 {
	i := sort.Search(len(c.stretches), func(i int) bool { return c.stretches[i].first >= offset })
	if i == 0 {
		return 0
	}
	r := c.stretches[i-1]
	return r.before + min(r.count, offset-r.first)
}

// Records returns how many records of a topic have been read.
func (t *Tally) Records(topic string) (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.topics[topic] {
		n += c.total()
	}
	return n
}

// Passed returns how many records of a topic lie below a group's offsets.
func (t *Tally) Passed(topic string, committed kadm.OffsetResponses) (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, c := range t.topics[topic] {
		if o, ok := committed.Lookup(topic, p); ok && o.Err == nil && o.At > 0 {
			n += c.below(o.At)
		}
	}
	return n
}

// Remembered returns the records of a topic that are remembered, see Open.
func (t *Tally) Remembered(topic string) []*kgo.Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept[topic][:len(t.kept[topic]):len(t.kept[topic])]
}

// err returns the last error of reading.
func (t *Tally) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// Level reports whether everything has been read that is committed now. It returns
// false when a broker does not know a new topic yet.
func (t *Tally) Level(ctx context.Context) (bool, error) {
	t.mu.Lock()
	topics := make([]string, 0, len(t.topics))
	for topic := range t.topics {
		topics = append(topics, topic)
	}
	t.mu.Unlock()
	ends, err := t.adm.ListCommittedOffsets(ctx, topics...)
	if err != nil {
		return false, fmt.Errorf("find the end offsets of the topics: %w", err)
	}
	if err := ends.Error(); err != nil {
		if kerr.IsRetriable(err) {
			return false, nil
		}
		return false, fmt.Errorf("find the end offsets of the topics: %w", err)
	}
	starts, err := t.adm.ListStartOffsets(ctx, topics...)
	if err != nil {
		return false, fmt.Errorf("find the start offsets of the topics: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	level := true
	ends.Each(func(o kadm.ListedOffset) {
		start, _ := starts.Lookup(o.Topic, o.Partition)
		c := t.topics[o.Topic][o.Partition]
		if o.Offset > start.Offset && (c == nil || c.next < o.Offset) {
			level = false
		}
	})
	return level, nil
}

// CatchUp waits until everything has been read that is committed now.
func (t *Tally) CatchUp(ctx context.Context) error {
	for {
		ok, err := t.Level(ctx)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if err := t.err(); err != nil {
				return err
			}
			return fmt.Errorf("count the records of the topics: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
