package hdfs

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// openWait is how long Open waits for the logs to be read. What takes longer
// goes on beside, with the partition paused.
const openWait = 10 * time.Second

var _ connect.SinkTask = (*SinkTask)(nil)

// SinkTask writes records to files. See the package's doc for who does what.
type SinkTask struct {
	s         *settings
	tc        connect.SinkContext
	st        storage.Storage
	metastore metastore // nil without Hive
	budget    *budget
	registry  registry   // nil without Hive
	hive      *registrar // the registry as what it is

	writers map[connect.TopicPartition]*writer
	retired []*writer // closed, but their last call has not ended
}

// Start implements [connect.SinkTask]. It connects to nothing yet.
func (t *SinkTask) Start(_ context.Context, tc connect.SinkContext, v config.Values) error {
	s, err := newSettings(v)
	if err != nil {
		return err
	}
	if t.st == nil {
		if t.st, err = s.open(); err != nil {
			return err
		}
	}
	t.s, t.tc, t.budget, t.writers = s, tc, newBudget(s.maxBytes), map[connect.TopicPartition]*writer{}
	return t.startHive()
}

// Open implements [connect.SinkTask]. It waits a while for the logs, so that
// the first record put is usually the right one.
func (t *SinkTask) Open(ctx context.Context, partitions []connect.TopicPartition) error {
	var opened []*writer
	for _, tp := range partitions {
		if old := t.writers[tp]; old != nil {
			t.stop(old)
		}
		w := newWriter(t, tp)
		t.writers[tp] = w
		opened = append(opened, w)
		w.start()
	}
	limit := time.NewTimer(openWait)
	defer limit.Stop()
	for _, w := range opened {
		select {
		case <-w.settled:
		case <-limit.C:
			limit.Reset(0) // the others have had their time too
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := w.opened(); err != nil {
			return err
		}
	}
	return nil
}

// opened seeks when the log is read and pauses when it is not.
func (w *writer) opened() error {
	if _, err := w.step(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == recovering {
		w.hold(holdRecovering, 0)
	}
	return nil
}

// Put implements [connect.SinkTask]. It queues and returns. While a writer has
// a record that cannot be decoded now, but perhaps later, it is a retriable
// error and takes nothing.
func (t *SinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	if err := t.trouble(); err != nil {
		return err
	}
	old := map[*writer]bool{}
	for _, w := range t.writers {
		drop, err := w.step()
		if err != nil {
			return err
		}
		if drop {
			old[w] = true
		}
	}
	for len(records) > 0 {
		tp, n := records[0].TopicPartition(), 1
		for n < len(records) && records[n].TopicPartition() == tp {
			n++
		}
		if w := t.writers[tp]; w != nil && !old[w] {
			w.offer(records[:n])
		}
		records = records[n:]
	}
	return nil
}

// trouble returns a writer's fatal error, or else a retriable one. Put asks
// before it seeks: after a retriable error the same records are put again, and
// they come from before the seek.
func (t *SinkTask) trouble() (retriable error) {
	for _, w := range t.writers {
		err := w.trouble()
		if err != nil && !connect.IsRetriable(err) {
			return err
		}
		retriable = cmp.Or(retriable, err)
	}
	return retriable
}

// PreCommit implements [connect.SinkTask]: what the logs hold is safe.
func (t *SinkTask) PreCommit(context.Context, connect.Offsets) (connect.Offsets, error) {
	safe := connect.Offsets{}
	for tp, w := range t.writers {
		if o, ok := w.offset(); ok {
			safe[tp] = o
		}
	}
	return safe, nil
}

// Close implements [connect.SinkTask]. Records that are not committed are
// dropped; the next owner reads them again.
func (t *SinkTask) Close(_ context.Context, partitions []connect.TopicPartition, _ bool) error {
	var closing []*writer
	for _, tp := range partitions {
		if w := t.writers[tp]; w != nil {
			delete(t.writers, tp)
			closing = append(closing, w)
		}
	}
	t.stop(closing...)
	return nil
}

// stop ends writers and waits a while for calls under way. A writer that is
// still in one does nothing more after it, and Stop waits for it.
func (t *SinkTask) stop(ws ...*writer) {
	for _, w := range ws {
		w.cancel()
	}
	limit := time.NewTimer(t.s.shutdown)
	defer limit.Stop()
	for _, w := range ws {
		select {
		case <-w.ended:
		case <-limit.C:
			limit.Reset(0)
			t.retired = append(t.retired, w)
		}
		w.leave()
	}
}

// leave gives back what the writer's queue took.
func (w *writer) leave() {
	w.budget.leave(w)
	w.mu.Lock()
	n := w.queued
	w.queue, w.queued = nil, 0
	w.mu.Unlock()
	w.resume(w.budget.release(n))
}

// Stop implements [connect.SinkTask].
func (t *SinkTask) Stop() error {
	if t.s == nil {
		return nil
	}
	t.stop(slices.Collect(maps.Values(t.writers))...)
	clear(t.writers)
	err := t.st.Close() // ends calls under way
	for _, w := range t.retired {
		<-w.ended
	}
	return errors.Join(err, t.stopHive())
}
