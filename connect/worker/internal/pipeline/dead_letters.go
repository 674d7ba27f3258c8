package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const headerPrefix = "__connect.errors."

// cutTo is how much is kept of the key, the value and each header of a dead
// letter that is too large for its topic, as what was too large once often is.
const cutTo = 4096

// DeadLetters writes the dead letters of one task.
type DeadLetters struct {
	plan      plan.DeadLetters
	connector string
	task      int
	client    *kgo.Client

	alone sync.Mutex // held while a refused letter is sent again
}

// NewDeadLetters returns what writes the dead letters of a task with client,
// which stays the caller's; nil when the plan has no dead letter queue.
func NewDeadLetters(p *plan.Connector, task int, client *kgo.Client) *DeadLetters {
	if p.DeadLetters == nil {
		return nil
	}
	return &DeadLetters{plan: *p.DeadLetters, connector: p.Name, task: task, client: client}
}

// Open creates the topic when it is missing.
func (d *DeadLetters) Open(ctx context.Context) error {
	admin := kadm.NewClient(d.client)
	topics, err := admin.ListTopics(ctx, d.plan.Topic)
	if err == nil && topics[d.plan.Topic].Err == nil {
		return nil
	}
	err = kafka.Topic{Name: d.plan.Topic, Replication: int16(d.plan.Replication),
		ReplicationKey: "errors.deadletterqueue.topic.replication.factor"}.Create(ctx, admin)
	if err != nil {
		return fmt.Errorf("open the dead letter queue: %w", err)
	}
	return nil
}

// Send produces a dead letter. done is called from any goroutine once it is
// acknowledged, or with the error when it cannot be written; it must not wait
// for the client. The letter ends with ctx or with the client.
func (d *DeadLetters) Send(ctx context.Context, l Letter, done func(error)) {
	r := &kgo.Record{Topic: d.plan.Topic, Partition: -1, Timestamp: l.timestamp,
		Key: l.key, Value: l.value, Headers: slices.Clone(l.headers)}
	if d.plan.Context {
		r.Headers = append(r.Headers, d.contextHeaders(l)...)
	}
	d.client.Produce(ctx, r, func(_ *kgo.Record, err error) {
		if IsRecordsFault(err) {
			go d.sendAgain(ctx, r, done) // a promise must not wait for the client
			return
		}
		done(d.explain(err))
	})
}

// sendAgain sends a letter that was refused, perhaps for others in its batch,
// and when it is refused alone what fits of it.
func (d *DeadLetters) sendAgain(ctx context.Context, r *kgo.Record, done func(error)) {
	d.alone.Lock()
	err := d.client.ProduceSync(ctx, r).FirstErr()
	if IsRecordsFault(err) {
		err = d.client.ProduceSync(ctx, cut(r)).FirstErr()
	}
	d.alone.Unlock()
	done(d.explain(err))
}

func (d *DeadLetters) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write to the dead letter topic %s: %w", d.plan.Topic, err)
}

// contextHeaders are Kafka Connect's ten, and those of a [connect.Reason].
func (d *DeadLetters) contextHeaders(l Letter) []kgo.RecordHeader {
	out := []kgo.RecordHeader{contextHeader("topic", l.topic)}
	out = append(out, l.origin...)
	out = append(out,
		contextHeader("connector.name", d.connector),
		contextHeader("task.id", strconv.Itoa(d.task)),
		contextHeader("stage", l.stage.String()),
		contextHeader("class.name", l.class),
		contextHeader("exception.class.name", fmt.Sprintf("%T", rootOf(l.reason))),
		contextHeader("exception.message", l.reason.Error()),
		contextHeader("exception.stacktrace", causes(l.reason)))
	var reason *connect.Reason
	if errors.As(l.reason, &reason) {
		for _, k := range slices.Sorted(maps.Keys(reason.Headers)) {
			out = append(out, kgo.RecordHeader{Key: k, Value: []byte(reason.Headers[k])})
		}
	}
	return out
}

// IsRecordsFault reports whether Kafka refuses a record, or another one of its
// batch, whenever it is sent.
func IsRecordsFault(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) ||
		errors.Is(err, kerr.InvalidRecord)
}

// cut returns a letter with the beginnings of r, and in headers how large its
// key and value were.
func cut(r *kgo.Record) *kgo.Record {
	begin := func(b []byte) []byte { return b[:min(len(b), cutTo)] }
	out := &kgo.Record{Topic: r.Topic, Partition: -1, Timestamp: r.Timestamp, Key: begin(r.Key), Value: begin(r.Value)}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: begin(h.Value)})
	}
	out.Headers = append(out.Headers, contextHeader("key.size", strconv.Itoa(len(r.Key))),
		contextHeader("value.size", strconv.Itoa(len(r.Value))))
	return out
}

func contextHeader(key, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: headerPrefix + key, Value: []byte(value)}
}

// causes shows an error and what it wraps, as a Java stack trace shows its
// causes.
func causes(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		if b.Len() > 0 {
			b.WriteString("\nCaused by: ")
		}
		fmt.Fprintf(&b, "%T: %v", e, e)
	}
	b.WriteString(stackOf(err))
	return b.String()
}

// rootOf returns the innermost cause.
func rootOf(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
