package connecttest

import (
	"context"
	"maps"
	"testing"

	"github.com/suiro/suiro/connect"
)

// Sink runs one sink task as a worker does.
type Sink struct {
	// Context is what the task was started with.
	Context *SinkContext
	// Task is the task that runs.
	Task connect.SinkTask

	t         testing.TB
	ctx       context.Context
	put       connect.Offsets
	committed connect.Offsets
	stopped   bool
}

// StartSink starts a task with a new [SinkContext] and the properties parsed by
// the plugin's definition, as [Parse] does. The task is stopped when the test
// ends, if not before.
func StartSink(t testing.TB, plugin connect.Info, task connect.SinkTask, props map[string]string) *Sink {
	t.Helper()
	return StartSinkWith(t, plugin, NewSinkContext(), task, props)
}

// StartSinkWith starts a task with a context that the test has prepared.
func StartSinkWith(t testing.TB, plugin connect.Info, sc *SinkContext, task connect.SinkTask,
	props map[string]string) *Sink {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sink{Context: sc, Task: task, t: t, ctx: ctx,
		put: connect.Offsets{}, committed: connect.Offsets{}}
	t.Cleanup(func() {
		cancel()
		s.Stop()
	})
	sc.NewLife()
	if err := task.Start(ctx, sc, Parse(t, plugin, props)); err != nil {
		t.Fatalf("start the sink task: %v", err)
	}
	return s
}

// Open assigns partitions to the task.
func (s *Sink) Open(partitions ...connect.TopicPartition) {
	s.t.Helper()
	if err := s.Task.Open(s.ctx, partitions); err != nil {
		s.t.Fatalf("open %v: %v", partitions, err)
	}
}

// Put hands records to the task, or calls it without records, as a worker does from
// time to time. An error fails the test.
func (s *Sink) Put(records ...*connect.SinkRecord) {
	s.t.Helper()
	if err := s.TryPut(records...); err != nil {
		s.t.Fatalf("put %d records: %v", len(records), err)
	}
}

// TryPut hands records to the task and returns its error.
func (s *Sink) TryPut(records ...*connect.SinkRecord) error {
	err := s.Task.Put(s.ctx, records)
	if err != nil {
		return err
	}
	for _, r := range records {
		s.put[r.TopicPartition()] = r.Offset + 1
	}
	return nil
}

// Commit asks the task for the offsets that are safe, as the worker does, and
// returns all offsets that are committed so far. The test fails when an offset is
// ahead of what was put, or belongs to a partition that no record was put to.
func (s *Sink) Commit() connect.Offsets {
	s.t.Helper()
	offsets, err := s.Task.PreCommit(s.ctx, maps.Clone(s.put))
	if err != nil {
		s.t.Fatalf("PreCommit: %v", err)
	}
	for p, offset := range offsets {
		if put, ok := s.put[p]; !ok || offset > put {
			s.t.Errorf("PreCommit returned %d for %v, ahead of %d, the end of what was put", offset, p, put)
		}
		s.committed[p] = max(s.committed[p], offset)
	}
	return maps.Clone(s.committed)
}

// Close takes partitions away, after a commit when they are revoked and not lost,
// and forgets what was put to them.
func (s *Sink) Close(lost bool, partitions ...connect.TopicPartition) {
	s.t.Helper()
	if !lost {
		s.Commit()
	}
	if err := s.Task.Close(s.ctx, partitions, lost); err != nil {
		s.t.Fatalf("close %v: %v", partitions, err)
	}
	for _, p := range partitions {
		delete(s.put, p)
	}
}

// Stop stops the task; calls after the first do nothing.
func (s *Sink) Stop() {
	s.t.Helper()
	if s.stopped {
		return
	}
	s.stopped = true
	if err := s.Task.Stop(); err != nil {
		s.t.Errorf("stop the sink task: %v", err)
	}
}

// Records makes records of JSON texts for a partition, from offset first on.
func Records(p connect.TopicPartition, first int64, values ...string) []*connect.SinkRecord {
	out := make([]*connect.SinkRecord, len(values))
	for i, value := range values {
		out[i] = &connect.SinkRecord{
			Record: connect.Record{
				Topic: p.Topic, Partition: connect.InPartition(p.Partition),
				Value:  connect.Undecoded(p.Topic, []byte(value), Converter{connect.FormatJSON}),
				Offset: first + int64(i),
			},
			OriginalTopic: p.Topic, OriginalPartition: p.Partition,
		}
	}
	return out
}
