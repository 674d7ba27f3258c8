package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/layout"
)

// firstBackoff is the wait after a first failure; it doubles up to
// retry.backoff.ms.
const firstBackoff = 100 * time.Millisecond

// registry registers the partitions of committed sets somewhere else.
type registry interface {
	// Reserve is called before a file of a topic is made. It fails when what
	// the topic would be registered as is another topic's.
	Reserve(topic string) error
	// Add takes a committed set; sets may come again. It does not block, and
	// fails when Reserve would.
	Add(claim.Set) error
	// Registered reports whether all of a set is registered.
	Registered(claim.Set) bool
}

// writer serves one Kafka partition. Its goroutine does all that waits; the
// task's calls only touch what mu guards.
type writer struct {
	tp       connect.TopicPartition
	s        *settings
	tc       connect.SinkContext
	log      *slog.Logger
	claims   *claim.Log
	budget   *budget
	registry registry // nil without Hive
	encoder  encoder
	buf      []byte

	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended
	wake   chan struct{} // holds one token when the queue may have something

	settled chan struct{} // closed when the first take-over succeeded or failed

	mu        sync.Mutex // guards all below
	isSettled bool
	state     state
	err       error // fatal in state failed, else retriable: see stall
	queue     []*connect.SinkRecord
	queued    int64 // bytes in the queue and in the batch being written
	held      int   // reasons why the partition is paused
	first     int64 // smallest offset put, -1 before
	resumeAt  int64 // where to seek in state found
	expect    int64 // what is put next, at least
	safe      int64 // end of the log, -1 when not known
}

func newWriter(t *SinkTask, tp connect.TopicPartition) *writer {
	w := &writer{tp: tp, s: t.s, tc: t.tc, budget: t.budget, registry: t.registry, encoder: newEncoder(t.s),
		log:   t.tc.Logger().With("topic", tp.Topic, "partition", tp.Partition),
		ended: make(chan struct{}), wake: make(chan struct{},
			1), settled: make(chan struct{}), first: -1, safe: -1}
	w.claims = claim.NewLog(t.st, t.s.root, tp.Topic, tp.Partition, func() (int64, bool, error) {
		return lastFile(t.st, t.s, tp)
	})
	w.claims.Contents = w.registry != nil
	return w
}

func (w *writer) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() {
		defer close(w.ended)
		w.run(ctx)
	}()
}

// run writes until ctx is done or a person is needed. Every other error leads
// back to a take-over, which knows what was committed.
func (w *writer) run(ctx context.Context) {
	first := min(firstBackoff, w.s.backoff)
	for wait := first; ; wait = min(2*wait, w.s.backoff) {
		committed, err := w.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if fatal(err) {
			w.fail(err) // before reset, which ends the wait of Open
			w.reset()
			return
		}
		w.reset()
		if committed {
			wait = first
		}
		w.log.Warn("write again from the end of the log", "error", err, "wait", wait)
		if !w.waitOwned(ctx, wait) {
			return
		}
	}
}

// fatal reports whether an error does not go away by itself: something else
// is where a committed file belongs, a committed file is gone, a set is not
// readable, the user may not write there, a name is too long for any storage,
// two topics have one table, or a bad record is not tolerated.
func fatal(err error) bool {
	var conflict *claim.ConflictError
	var lost *claim.LostError
	var report *reportError
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errName) || errors.Is(err, errTable) ||
		errors.Is(err, claim.ErrUnreadable) || errors.As(err, &conflict) || errors.As(err, &lost) ||
		errors.As(err, &report)
}

// errName is returned before a set is committed one of whose files cannot have
// its name.
var errName = errors.New("choose a smaller filename.offset.zero.pad.width or a shorter name for the topic")

// reportError is the worker's refusal to go on after a bad record.
type reportError struct{ err error }

func (e *reportError) Error() string { return e.err.Error() }
func (e *reportError) Unwrap() error { return e.err }

// waitOwned waits, and then as long as the group's coordinator says that the
// partition is another's: taking it over would only fence its owner. It is
// false when ctx is done.
func (w *writer) waitOwned(ctx context.Context, wait time.Duration) bool {
	for told := false; ; {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait/2 + rand.N(wait/2+1)):
		}
		owned, err := w.tc.Owned(ctx, w.tp)
		if owned && err == nil {
			return true
		}
		if !told {
			w.log.Warn("stop writing: the partition may be another's", "error", err)
			told = true
		}
		wait = w.s.backoff
	}
}

// session takes the partition over and writes until something fails. It
// reports whether it committed anything.
func (w *writer) session(ctx context.Context) (committed bool, err error) {
	c, err := w.claims.Take(ctx)
	if err != nil {
		return false, err
	}
	if err := w.register(c.Sets()...); err != nil {
		return false, err
	}
	next, known := c.Next()
	w.log.Info("took the partition over", "offset", next, "known", known)
	w.recovered(next, known)
	set := w.newSet(c)
	defer func() {
		set.abort()
		_ = c.Release() // what it leaves, a successor sweeps
	}()
	for {
		records, err := w.next(ctx, set.deadline())
		if err != nil {
			return committed, err
		}
		if len(records) == 0 {
			set, err = w.commit(ctx, c, set)
			if err != nil {
				return committed, err
			}
			committed = true
		}
		for i, r := range records {
			full, err := w.add(ctx, &set, c, r)
			w.release(sizeOf(r))
			records[i] = nil // what was decoded for it is not bounded
			if err != nil {
				return committed, err
			}
			committed = committed || full
		}
	}
}

func (w *writer) newSet(c *claim.Claim) *openSet {
	return &openSet{s: w.s, tp: w.tp, claim: c, registry: w.registry, ext: w.encoder.ext(),
		files: map[fileKey]*dataFile{}}
}

// add writes or rejects one record and commits the set when it is full. It
// reports whether it committed.
func (w *writer) add(ctx context.Context, set **openSet, c *claim.Claim,
	r *connect.SinkRecord) (committed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	p, bad, err := w.prepare(ctx, r)
	if err != nil {
		return false, err
	}
	now := time.Now()
	if (*set).over(p.time, now) {
		if *set, err = w.commit(ctx, c, *set); err != nil {
			return false, err
		}
		committed = true
	}
	(*set).cover(r.Offset, now)
	if bad != nil {
		err = w.reject(*set, r, bad)
	} else {
		if (*set).from.IsZero() {
			(*set).from = p.time
		}
		err = (*set).write(p.key, r.Offset, w.buf)
	}
	if err != nil || !(*set).full() {
		return committed, err
	}
	*set, err = w.commit(ctx, c, *set)
	return err == nil, err
}

// prepared is where a record goes; its bytes are in the writer's buffer.
type prepared struct {
	key  fileKey
	time time.Time
}

// prepare encodes a record. One that cannot be decoded now, but perhaps later,
// as when the schema registry is away, is tried again until ctx is done; it and
// what is queued after it keep their places meanwhile. bad is about the record.
func (w *writer) prepare(ctx context.Context, r *connect.SinkRecord) (p prepared, bad, err error) {
	p, bad = w.encode(r)
	if bad == nil || !connect.IsRetriable(bad) {
		return p, bad, nil
	}
	defer w.stall(nil)
	for wait := min(firstBackoff, w.s.backoff); connect.IsRetriable(bad); wait = min(2*wait, w.s.backoff) {
		w.stall(fmt.Errorf("%s-%d offset %d: %w", w.tp.Topic, w.tp.Partition, r.Offset, bad))
		select {
		case <-ctx.Done():
			return p, nil, ctx.Err()
		case <-time.After(wait/2 + rand.N(wait/2+1)):
		}
		p, bad = w.encode(r)
	}
	return p, bad, nil
}

// encode decodes a record, finds its directory and makes its bytes. An error is
// about the record.
func (w *writer) encode(r *connect.SinkRecord) (p prepared, err error) {
	if r.Value.IsNull() {
		return p, badRecord("the value is null, and a file has no place for that")
	}
	if err := layout.CheckName(r.Topic); err != nil || r.Topic[0] == '+' {
		return p, badRecord("topic %q cannot name a folder", r.Topic)
	}
	schema, value, err := r.Value.Decode()
	if err != nil {
		return p, &recordError{err}
	}
	if w.s.rotateInterval > 0 {
		p.time, _ = w.s.extractor.Time(r, value) // a partitioner that needs it says what is wrong
	}
	dir, err := w.s.partition.Dir(r, value)
	if err != nil {
		return p, &recordError{fmt.Errorf("choose the directory: %w", err)}
	}
	b, codec, err := w.encoder.encode(w.buf[:0], r, schema, value)
	if err != nil {
		return p, err
	}
	w.buf = b
	p.key = fileKey{topic: r.Topic, dir: dir, codec: codec}
	return p, nil
}

// reject reports a bad record. Its dead letter is acknowledged before its set
// is committed.
func (w *writer) reject(set *openSet, r *connect.SinkRecord, bad error) error {
	set.letters.sent()
	if err := w.tc.Report(r, bad, set.letters.done); err != nil {
		return &reportError{fmt.Errorf("%s-%d offset %d: %w", w.tp.Topic, w.tp.Partition, r.Offset, err)}
	}
	return nil
}

// commit commits the set and returns an empty one.
func (w *writer) commit(ctx context.Context, c *claim.Claim, open *openSet) (*openSet, error) {
	if open.count == 0 {
		return open, nil
	}
	set, err := open.commit(ctx)
	if err != nil {
		return open, err
	}
	w.log.Debug("committed", "first", set.First, "last", set.Last, "files", len(set.Files))
	w.committed(set.Last + 1)
	w.tc.RequestCommit()
	if err := w.register(set); err != nil {
		return open, err
	}
	return w.newSet(c), c.Forget(func(s claim.Set) bool { return w.registry == nil || w.registry.Registered(s) })
}

// register tells the registry of committed sets.
func (w *writer) register(sets ...claim.Set) error {
	if w.registry == nil {
		return nil
	}
	for _, set := range sets {
		if err := w.registry.Add(set); err != nil {
			return err
		}
	}
	return nil
}
