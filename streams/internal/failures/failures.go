// Package failures decides what becomes of records that fail, by the handlers and keys of
// an app, and makes dead letters of them.
package failures

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/deadletter"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Policy is what an app does about failures. The zero Policy ends it.
type Policy struct {
	// Handlers decide. nil stands for: records that are rejected go to the dead letters, if
	// there are some, and all else ends the app.
	handlers.Handlers
	// DeadLetters is the Kafka name of the topic of dead letters, "" for none.
	DeadLetters string
	// Globals makes the handler of processing be asked about records of global stores.
	Globals bool
}

// always returns a handler for the values of the keys: "continue" leaves a record out, as a
// dead letter if there are some, and "fail" ends the app. Others are nil.
func (p Policy) always(value string) handlers.Handler {
	switch {
	case value == handlerFail:
		return func(handlers.Failure) handlers.Response { return handlers.Fail }
	case value == handlerContinue && p.DeadLetters != "":
		return func(handlers.Failure) handlers.Response { return handlers.DeadLetter }
	case value == handlerContinue:
		return func(handlers.Failure) handlers.Response { return handlers.Continue }
	}
	return nil
}

// Decides reports whether the app has a handler for a stage.
func (p Policy) Decides(stage string) bool { return p.of(stage) != nil }

func (p Policy) of(stage string) handlers.Handler {
	switch stage {
	case topology.Deserialization:
		return p.Deserialization
	case topology.Production:
		return p.Production
	}
	return p.Processing
}

// Decide asks for what becomes of a record. The error is that of the record when the answer
// is [handlers.Fail], with what to do about it.
func (p Policy) Decide(f handlers.Failure) (handlers.Response, error) {
	handler := p.of(f.Stage)
	if global := f.Task.Subtopology < 0; global && f.Stage == topology.Processing && !p.Globals {
		handler = nil
	}
	var rejected *topology.Rejection
	own := errors.As(f.Err, &rejected) && !errors.Is(f.Err, limits.ErrDenied)
	switch {
	case handler == nil && own && p.DeadLetters == "":
		return handlers.Fail, fmt.Errorf("%w (set errors.dead.letter.queue.topic.name to continue after such records)",
			f.Err)
	case handler == nil && own:
		return handlers.DeadLetter, nil
	case handler == nil:
		return handlers.Fail, f.Err
	}
	answer := handlers.Fail
	if err := node.Try(func() error { answer = handler(f); return nil }); err != nil {
		return handlers.Fail, fmt.Errorf("%w (and the handler of such errors failed: %w)", f.Err, err)
	}
	switch {
	case answer == handlers.DeadLetter && p.DeadLetters == "":
		return handlers.Fail, fmt.Errorf("%w (its handler wants a dead letter: set errors.dead.letter.queue.topic.name)",
			f.Err)
	case answer == handlers.Retry && f.Stage != topology.Production:
		return handlers.Fail, fmt.Errorf("%w (its handler wants a retry, which is for errors of production only)", f.Err)
	case answer == handlers.Continue, answer == handlers.DeadLetter, answer == handlers.Retry:
		return answer, nil
	}
	return handlers.Fail, f.Err
}

// headerPrefix begins the names of the headers of dead letters, as in Kafka Streams
// (KIP-1034).
const headerPrefix = "__streams.errors."

// Letter returns the dead letter of r: its key, value and headers, and the reason in
// headers. What the topic is known to refuse is changed.
func (p Policy) Letter(r *kgo.Record, f handlers.Failure, known *limits.Topics) deadletter.Letter {
	topic := p.DeadLetters
	d := &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp, Partition: -1}
	d.Headers = append(d.Headers, r.Headers...)
	add := func(name, value string) {
		d.Headers = append(d.Headers, kgo.RecordHeader{Key: headerPrefix + name, Value: []byte(value)})
	}
	add("topic", r.Topic)
	add("partition", strconv.Itoa(int(r.Partition)))
	add("offset", strconv.FormatInt(r.Offset, 10))
	add("exception", f.Stage)
	add("message", excerpt.Error(Reason(f.Err), nil))
	stack := ""
	if trace := node.Stack(f.Err); trace != "" {
		stack = "stacktrace"
		add(stack, excerpt.Text(trace, excerpt.MaxStack))
	}
	if known.Time(topic, d.Timestamp) != nil {
		add("timestamp.changed.from", strconv.FormatInt(d.Timestamp.UnixMilli(), 10))
		d.Timestamp = time.Now()
	}
	if d.Key == nil && known.NeedsKey(topic) {
		add("key.changed.from", "null")
		d.Key = fmt.Appendf(nil, "%s-%d@%d", r.Topic, r.Partition, r.Offset)
	}
	return deadletter.Letter{Record: d, Own: len(r.Headers), Prefix: headerPrefix, Message: "message", Stack: stack}
}

// Reason returns the error in a rejection, whose stage is said elsewhere, and of a panic the
// value without the stack.
func Reason(err error) error {
	var rejected *topology.Rejection
	if errors.As(err, &rejected) {
		err = rejected.Err
	}
	return node.WithoutStack(err)
}
