package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// sourceRun is one life of a source task. Everything but acknowledgements
// happens in one goroutine.
type sourceRun struct {
	*env
	task   connect.SourceTask
	cl     *kgo.Client
	dlq    *deadLetters
	topics *topicMaker
	keeper keeper

	pause   backoff // between polls that fail but may heal
	streams map[string]*stream
	last    *stream         // of the record before, because most come from one partition
	life    context.Context // of records: ends when a stop has been graceful long enough

	mu      sync.Mutex // guards the rest
	failed  error
	refused []refusal
}

// stream is a source partition and its records on their way.
type stream struct {
	partition map[string]any
	tracker   acks.Tracker[map[string]any]
	latest    map[string]any // acknowledged but not kept, nil when there is none
}

// entry is a record on its way; it carries the offset to go on from.
type entry = acks.Entry[map[string]any]

func (st *stream) add(r *connect.SourceRecord) *entry { return st.tracker.Add(r.SourceOffset) }

// keeper decides when offsets are kept: now and then, or in transactions.
type keeper interface {
	// open prepares the client and reads what is kept.
	open(ctx context.Context) error
	// begin comes before the first record or dead letter of a poll.
	begin() error
	// tick comes after each poll that did not fail.
	tick(ctx context.Context) error
	// flush waits for all records and keeps the offsets.
	flush(ctx context.Context) error
	// abandon ends the life after a failure; what is not kept comes again. The
	// error, if any, says why there is to be no other life.
	abandon(ctx context.Context) error
}

func newSourceRun(e *env, task connect.SourceTask) *sourceRun {
	return &sourceRun{env: e, task: task, streams: map[string]*stream{},
		pause: backoff{first: e.retryFirst, max: e.tolerance.RetryDelayMax}}
}

func (s *sourceRun) run(ctx context.Context, started func()) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	defer s.outlive(ctx)()
	if err := s.open(ctx); err != nil {
		return err
	}
	if err := s.task.Start(ctx, &sourceContext{s}, s.taskConf); err != nil {
		return fmt.Errorf("start the task: %w", err)
	}
	started()
	for ctx.Err() == nil {
		err := s.step(ctx)
		if errors.Is(err, connect.ErrEndOfInput) {
			return s.rest(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, s.leave(ctx, s.keeper.abandon))
		}
	}
	s.finish(ctx)
	return nil
}

// finish keeps what was sent, once the task is told to stop.
func (s *sourceRun) finish(ctx context.Context) {
	err := s.leave(ctx, func(ctx context.Context) error {
		err := s.keeper.flush(ctx)
		if err != nil {
			err = errors.Join(err, s.keeper.abandon(ctx))
		}
		return err
	})
	if err != nil {
		s.logger.Warn("stopped with records that are read again", "error", err)
	}
}

// outlive gives records that are on their way when ctx ends the graceful time
// to arrive.
func (s *sourceRun) outlive(ctx context.Context) (end func()) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.life = life
	context.AfterFunc(ctx, func() { time.AfterFunc(s.graceful, cancel) })
	return cancel
}

// open connects the producer and reads the offsets.
func (s *sourceRun) open(ctx context.Context) error {
	opts, err := s.conn.Producer.Options()
	if err != nil {
		return err
	}
	opts = append(opts, s.clientID(), s.kgoLogger(), kgo.RecordPartitioner(kafka.Partitioner()))
	if s.conn.Records.ExactlyOnce {
		k, extra, err := newTransactional(s)
		if err != nil {
			return err
		}
		s.keeper, opts = k, append(opts, extra...)
	} else {
		s.keeper = &periodic{s: s, at: time.Now().Add(s.flushInterval)}
	}
	if s.cl, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("configure the producer: %w", err)
	}
	s.topics = &topicMaker{admin: kadm.NewClient(s.cl), connector: s.conn.Name, creation: s.conn.Records.Creation, known: map[string]bool{}}
	if s.dlq = deadLettersOf(s.conn, s.id, s.cl); s.dlq != nil {
		if err := s.dlq.open(ctx); err != nil {
			return err
		}
	}
	return s.keeper.open(ctx)
}

func (s *sourceRun) close() error {
	err := s.task.Stop()
	if s.cl != nil {
		s.cl.Close()
	}
	if err != nil {
		return fmt.Errorf("stop the task: %w", err)
	}
	return nil
}

// leave does the last work of a life. Of a task that was told to stop the
// graceful time runs already.
func (s *sourceRun) leave(ctx context.Context, last func(context.Context) error) error {
	if ctx.Err() != nil {
		return last(s.life)
	}
	ctx, cancel := context.WithTimeout(ctx, s.graceful)
	defer cancel()
	return last(ctx)
}

// rest keeps everything after the end of the input and waits to be stopped.
func (s *sourceRun) rest(ctx context.Context) error {
	if err := s.keeper.flush(ctx); err != nil {
		if ctx.Err() != nil {
			s.finish(ctx) // it was cut short, not refused
			return nil
		}
		return errors.Join(err, s.leave(ctx, s.keeper.abandon))
	}
	s.counts.ended.Store(true)
	s.logger.Info("end of input")
	<-ctx.Done()
	return nil
}

// step is one poll. Records that come with an error are worked on first.
func (s *sourceRun) step(ctx context.Context) error {
	if err := s.failure(); err != nil {
		return err
	}
	if err := s.sendAlone(ctx); err != nil {
		return err
	}
	s.collect()
	records, err := s.task.Poll(ctx)
	s.counts.read.Add(int64(len(records)))
	for _, r := range records {
		if err := s.process(ctx, r); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
		s.self.trouble(nil)
		s.pause.reset()
	case errors.Is(err, connect.ErrEndOfInput):
		return err
	case connect.IsRetriable(err):
		s.counts.retries.Add(1)
		s.logger.Warn("poll is tried again", "error", err)
		// The next records may be long in coming, and an open transaction is
		// ended by the broker.
		if err := s.keeper.flush(ctx); err != nil {
			return err
		}
		s.self.trouble(err)
		return sleep(ctx, s.pause.next())
	default:
		return fmt.Errorf("poll: %w", err)
	}
	return s.keeper.tick(ctx)
}

// process sends one record on its way.
func (s *sourceRun) process(ctx context.Context, r *connect.SourceRecord) error {
	if err := s.keeper.begin(); err != nil {
		return err
	}
	st, err := s.stream(r.SourcePartition)
	if err != nil {
		return err
	}
	var out *kgo.Record
	err = s.tolerance.retry(ctx, func() (err error) {
		out, err = s.encode(r)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return err // told to stop between two tries, so nothing says that it is bad
	case err != nil:
		return s.reject(r, err, st.add)
	case out == nil:
		s.counts.filtered.Add(1)
		st.add(r).Ack()
		return nil
	}
	if err := s.topics.ensure(ctx, out.Topic); err != nil {
		return err
	}
	entry := st.add(r)
	s.cl.Produce(s.life, out, func(k *kgo.Record, err error) { s.produced(r, k, entry, err) })
	return nil
}

// encode transforms and converts; it returns nil for a record that a
// transform drops.
func (s *sourceRun) encode(r *connect.SourceRecord) (*kgo.Record, error) {
	r.Offset = -1 // it was not read from Kafka
	out, err := s.chain.apply(&r.Record)
	if out == nil || err != nil {
		return nil, err
	}
	key, err := s.bytes(out.Topic, &out.Key, s.key)
	if err != nil {
		return nil, err
	}
	value, err := s.bytes(out.Topic, &out.Value, s.value)
	if err != nil {
		return nil, err
	}
	headers, err := s.header.fromConnect(out.Topic, out.Headers)
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: out.Topic, Partition: out.Partition, Key: key, Value: value,
		Headers: headers, Timestamp: out.Timestamp}, nil
}

// bytes takes bytes that are in the converter's format as they are.
func (s *sourceRun) bytes(topic string, p *connect.Payload, conv connect.Converter) ([]byte, error) {
	if format := conv.Format(); format != "" {
		if raw, ok := p.Raw(format); ok {
			return raw, nil
		}
	}
	schema, value, err := p.Decode()
	if err != nil {
		return nil, err
	}
	return conv.FromConnect(topic, schema, value)
}

// produced is called when Kafka answers for a record. It must not wait for the
// client.
func (s *sourceRun) produced(r *connect.SourceRecord, k *kgo.Record, e *entry, err error) {
	switch {
	case err == nil:
		s.arrived(k, e)
	case s.tolerance.All && isRecordsFault(err):
		s.refuse(refusal{r, k, e})
	default:
		s.fail(fmt.Errorf("write to topic %s: %w", k.Topic, err))
	}
}

func (s *sourceRun) arrived(k *kgo.Record, e *entry) {
	s.counts.written.Add(1)
	s.counts.writtenBytes.Add(int64(len(k.Key) + len(k.Value)))
	e.Ack()
}

// reject tolerates a bad record and sends its dead letter, or says why not.
// place gives a tolerated record its place in the order.
func (s *sourceRun) reject(r *connect.SourceRecord, reason error, place func(*connect.SourceRecord) *entry) error {
	stage, class := stageOf(reason, TaskPoll, fmt.Sprintf("%T", s.task))
	where := fmt.Sprintf("record of %s at %s", jsonBytes(r.SourcePartition), jsonBytes(r.SourceOffset))
	if err := s.tolerance.admit(where, stage, reason); err != nil {
		return err
	}
	e := place(r)
	if s.dlq == nil {
		e.Ack()
		return nil
	}
	s.dlq.send(s.life, s.letter(r, stage, class, reason), func(err error) {
		if err != nil {
			s.fail(err)
			return
		}
		s.counts.deadLetters.Add(1)
		e.Ack()
	})
	return nil
}

// letter tells the origin in the source's own terms.
func (s *sourceRun) letter(r *connect.SourceRecord, stage Stage, class string, reason error) letter {
	return letter{
		topic: r.Topic,
		origin: []kgo.RecordHeader{
			text("source.partition", string(jsonBytes(r.SourcePartition))),
			text("source.offset", string(jsonBytes(r.SourceOffset))),
		},
		key: payloadBytes(&r.Key), value: payloadBytes(&r.Value), headers: s.header.shown(r.Topic, r.Headers), timestamp: r.Timestamp,
		stage: stage, class: class, reason: reason,
	}
}

// stream finds the source partition's tracker. Tasks use one map for many
// records, so comparing with the last one saves making its key.
func (s *sourceRun) stream(partition map[string]any) (*stream, error) {
	if s.last != nil && reflect.ValueOf(partition).Pointer() == reflect.ValueOf(s.last.partition).Pointer() {
		return s.last, nil
	}
	key, err := backing.Key(s.conn.Name, partition)
	if err != nil {
		return nil, err
	}
	st := s.streams[string(key)]
	if st == nil {
		st = &stream{}
		s.streams[string(key)] = st
	}
	st.partition = partition
	s.last = st
	return st, nil
}

// collect moves on over what is acknowledged without a gap, so that what waits
// for the next commit is one offset a source partition and not one a record.
func (s *sourceRun) collect() {
	waiting := 0
	for _, st := range s.streams {
		if offset, ok := st.tracker.Take(); ok {
			st.latest = offset
		}
		waiting += st.tracker.Len()
	}
	s.counts.uncommitted.Store(int64(waiting))
}

// take returns the offsets to keep now.
func (s *sourceRun) take() []backing.Entry {
	s.collect()
	var entries []backing.Entry
	for _, st := range s.streams {
		if st.latest != nil {
			entries = append(entries, backing.Entry{Partition: st.partition, Offset: st.latest})
			st.latest = nil
		}
	}
	return entries
}

// untake gives back offsets that could not be kept, unless there are later
// ones.
func (s *sourceRun) untake(entries []backing.Entry) {
	for _, e := range entries {
		if st, err := s.stream(e.Partition); err == nil && st.latest == nil {
			st.latest = e.Offset
		}
	}
}

// kept tells the task what is kept.
func (s *sourceRun) kept(entries []backing.Entry) {
	for _, e := range entries {
		s.task.Committed(e.Partition, e.Offset)
	}
}

func (s *sourceRun) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
}

func (s *sourceRun) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}
