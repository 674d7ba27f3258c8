package filesets

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
)

// openWait is how long Open waits for the logs to be read. Reading that takes
// longer goes on with the partition paused.
const openWait = 10 * time.Second

// Sink writes the records of one task to files. It has the methods of a
// [connect.SinkTask] but Start, in which the task makes it; the worker calls them
// from one goroutine.
type Sink struct {
	options Options
	tc      connect.SinkContext
	budget  *sinkkit.Budget
	outage  sinkkit.Outage // of the storage, as all writers meet it

	writers map[connect.TopicPartition]*writer
	retired []*writer // closed, but their last call has not ended
}

// New returns a sink. It calls the storage only when partitions are opened.
func New(tc connect.SinkContext, o Options) *Sink {
	o.open = &atomic.Int64{}
	s := &Sink{options: o, tc: tc, writers: map[connect.TopicPartition]*writer{},
		budget: sinkkit.NewBudget(tc, sinkkit.Load{Bytes: o.MaxBufferedBytes})}
	s.outage.Log = tc.Logger()
	s.outage.Away, s.outage.Back = "files cannot be written, trying again", "files are written again"
	o.Counters.sink.Store(s)
	return s
}

// Open implements [connect.SinkTask]. It waits a while for the logs, so that
// the first record put is usually the right one.
func (s *Sink) Open(ctx context.Context, partitions []connect.TopicPartition) error {
	s.budget.Open(partitions...)
	var opened []*writer
	for _, tp := range partitions {
		if old := s.writers[tp]; old != nil {
			s.end(old)
		}
		w := newWriter(s, tp)
		s.writers[tp] = w
		opened = append(opened, w)
		w.start()
	}
	limit := time.NewTimer(openWait)
	defer limit.Stop()
	for _, w := range opened {
		select {
		case <-w.in.tried:
		case <-limit.C:
			limit.Reset(0) // the others have had their time too
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := w.in.seek(); err != nil {
			return err
		}
		w.in.pauseWhileRecovering()
	}
	return nil
}

// Put implements [connect.SinkTask]. It queues the records and returns. While
// a writer has a record that cannot be decoded now, but perhaps later, it
// returns a retriable error and takes nothing.
func (s *Sink) Put(_ context.Context, records []*connect.SinkRecord) error {
	if err := s.trouble(); err != nil {
		return err
	}
	stale := map[*writer]bool{}
	for _, w := range s.writers {
		is, err := w.in.seek()
		if err != nil {
			return err
		}
		if is {
			stale[w] = true
		}
	}
	for len(records) > 0 {
		tp, n := records[0].TopicPartition(), 1
		for n < len(records) && records[n].TopicPartition() == tp {
			n++
		}
		if w := s.writers[tp]; w != nil && !stale[w] {
			w.in.offer(records[:n])
		}
		records = records[n:]
	}
	return nil
}

// trouble returns a writer's fatal error, or else a retriable one. Put asks
// before it seeks: after a retriable error the same records are put again, and
// they come from before the seek.
func (s *Sink) trouble() (retriable error) {
	for _, w := range s.writers {
		err := w.in.trouble()
		if err != nil && !connect.IsRetriable(err) {
			return err
		}
		retriable = cmp.Or(retriable, err)
	}
	return retriable
}

// PreCommit implements [connect.SinkTask]: what the logs hold is safe.
func (s *Sink) PreCommit(context.Context, connect.Offsets) (connect.Offsets, error) {
	safe := connect.Offsets{}
	for tp, w := range s.writers {
		if o, ok := w.in.committed(); ok {
			safe[tp] = o
		}
	}
	return safe, nil
}

// Close implements [connect.SinkTask], whether the partitions are lost or not.
// Records that are not committed are dropped; the next owner reads them again.
func (s *Sink) Close(_ context.Context, partitions []connect.TopicPartition, _ bool) error {
	var closing []*writer
	for _, tp := range partitions {
		if w := s.writers[tp]; w != nil {
			delete(s.writers, tp)
			closing = append(closing, w)
		}
	}
	s.end(closing...)
	s.budget.Close(partitions...)
	return nil
}

// end ends writers and waits a while for calls under way. A writer that is
// still in one does nothing more after it, and Stop waits for it.
func (s *Sink) end(writers ...*writer) {
	for _, w := range writers {
		w.cancel()
	}
	limit := time.NewTimer(s.options.Shutdown)
	defer limit.Stop()
	for _, w := range writers {
		select {
		case <-w.ended:
		case <-limit.C:
			limit.Reset(0)
			s.retired = append(s.retired, w)
		}
		w.in.close()
	}
	s.retired = slices.DeleteFunc(s.retired, (*writer).hasEnded)
}

// Stop implements [connect.SinkTask]. It ends all writers and closes the storage.
func (s *Sink) Stop() error {
	s.end(slices.Collect(maps.Values(s.writers))...)
	clear(s.writers)
	err := s.options.Storage.Close() // ends calls under way
	for _, w := range s.retired {
		<-w.ended
	}
	return err
}
