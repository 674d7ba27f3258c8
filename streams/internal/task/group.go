package task

import (
	"context"
	"errors"
	"sync"

	"github.com/IBM/sarama"
)

// memberGroup is goka's consumer group: one member that owns one partition and
// is fed by the host.
type memberGroup struct {
	task *Task
	errs chan error
	once sync.Once
}

var _ sarama.ConsumerGroup = (*memberGroup)(nil)

// Consume runs one session: Setup recovers the table, ConsumeClaim takes the
// batches until ctx is done or goka's partition processor has failed.
func (g *memberGroup) Consume(ctx context.Context, _ []string, h sarama.ConsumerGroupHandler) error {
	s := &session{ctx: ctx, task: g.task}
	err := h.Setup(s)
	if err == nil && ctx.Err() == nil {
		if err = g.task.started(); err == nil {
			err = h.ConsumeClaim(s, newClaim(ctx, g.task))
		}
	}
	if cleanup := h.Cleanup(s); err == nil {
		err = cleanup
	}
	if err == nil && ctx.Err() == nil {
		err = errors.New("the processor ended by itself")
	}
	return err
}

// Errors implements sarama.ConsumerGroup.
func (g *memberGroup) Errors() <-chan error { return g.errs }

// Close implements sarama.ConsumerGroup.
func (g *memberGroup) Close() error {
	g.once.Do(func() { close(g.errs) })
	return nil
}

// Pause, Resume, PauseAll and ResumeAll implement sarama.ConsumerGroup; the
// host pauses partitions itself.
func (g *memberGroup) Pause(map[string][]int32)  {}
func (g *memberGroup) Resume(map[string][]int32) {}
func (g *memberGroup) PauseAll()                 {}
func (g *memberGroup) ResumeAll()                {}

// session is the one generation of a memberGroup.
type session struct {
	ctx  context.Context
	task *Task
}

var _ sarama.ConsumerGroupSession = (*session)(nil)

// Claims implements sarama.ConsumerGroupSession.
func (s *session) Claims() map[string][]int32 {
	return map[string][]int32{string(s.task.input()): {s.task.ID.Partition}}
}

// MemberID implements sarama.ConsumerGroupSession.
func (s *session) MemberID() string { return string(s.task.group()) }

// GenerationID implements sarama.ConsumerGroupSession.
func (s *session) GenerationID() int32 { return 1 }

// MarkOffset is called when all outputs of a batch are acknowledged. Nothing
// is committed here: the host commits the offsets of an epoch, and only after
// it has flushed every output of it, so a mark never passes an earlier one.
func (s *session) MarkOffset(string, int32, int64, string) { s.task.Metrics.Acknowledged() }

// MarkMessage implements sarama.ConsumerGroupSession.
func (s *session) MarkMessage(m *sarama.ConsumerMessage, meta string) {
	s.MarkOffset(m.Topic, m.Partition, m.Offset+1, meta)
}

// Commit implements sarama.ConsumerGroupSession.
func (s *session) Commit() {}

// ResetOffset implements sarama.ConsumerGroupSession.
func (s *session) ResetOffset(string, int32, int64, string) {}

// Context implements sarama.ConsumerGroupSession.
func (s *session) Context() context.Context { return s.ctx }

// claim is the stream of batches, as goka sees it.
type claim struct {
	task     *Task
	messages chan *sarama.ConsumerMessage
}

var _ sarama.ConsumerGroupClaim = (*claim)(nil)

// newClaim returns a claim that passes on what the host feeds until ctx ends.
func newClaim(ctx context.Context, t *Task) *claim {
	c := &claim{task: t, messages: make(chan *sarama.ConsumerMessage)}
	go c.pump(ctx)
	return c
}

func (c *claim) pump(ctx context.Context) {
	defer close(c.messages)
	token := []byte{0}
	for number := int64(0); ; number++ {
		m := &sarama.ConsumerMessage{Topic: c.Topic(), Partition: c.Partition(), Offset: number, Value: token}
		select {
		case <-c.task.feed:
		case <-ctx.Done():
			return
		}
		select {
		case c.messages <- m:
		case <-ctx.Done():
			return
		}
	}
}

// Topic implements sarama.ConsumerGroupClaim.
func (c *claim) Topic() string { return string(c.task.input()) }

// Partition implements sarama.ConsumerGroupClaim.
func (c *claim) Partition() int32 { return c.task.ID.Partition }

// InitialOffset implements sarama.ConsumerGroupClaim.
func (c *claim) InitialOffset() int64 { return 0 }

// HighWaterMarkOffset implements sarama.ConsumerGroupClaim.
func (c *claim) HighWaterMarkOffset() int64 { return 0 }

// Messages implements sarama.ConsumerGroupClaim.
func (c *claim) Messages() <-chan *sarama.ConsumerMessage { return c.messages }
