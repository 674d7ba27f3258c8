package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const headerPrefix = "__connect.errors."

// deadLetters makes and sends dead letters. A nil *deadLetters means that
// there is no queue.
type deadLetters struct {
	plan.DeadLetters
	connector string
	task      int
	cl        *kgo.Client

	alone sync.Mutex // held while a refused letter is sent again
}

// cutTo is how much is kept of the key, the value and each header of a dead
// letter that is too large for its topic, as what was too large once often is.
const cutTo = 4096

// letter is a bad record as it came.
type letter struct {
	// topic and the rest tell the origin; a sink's is where the record was
	// read, a source's where it would have been written.
	topic      string
	origin     []kgo.RecordHeader
	key, value []byte
	headers    []kgo.RecordHeader
	timestamp  time.Time // zero when the record had none
	stage      Stage
	class      string
	reason     error
}

// deadLettersOf returns nil when the configuration names no topic.
func deadLettersOf(p *plan.Connector, task int, cl *kgo.Client) *deadLetters {
	if p.DeadLetters == nil {
		return nil
	}
	return &deadLetters{DeadLetters: *p.DeadLetters, connector: p.Name, task: task, cl: cl}
}

// open makes the topic when it is missing.
func (d *deadLetters) open(ctx context.Context) error {
	admin := kadm.NewClient(d.cl)
	topics, err := admin.ListTopics(ctx, d.Topic)
	if err == nil && topics[d.Topic].Err == nil {
		return nil
	}
	resp, err := admin.CreateTopic(ctx, 1, int16(d.Replication), nil, d.Topic)
	switch {
	case err == nil || errors.Is(err, kerr.TopicAlreadyExists):
		return nil
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return fmt.Errorf("create the dead letter topic %s with %d replicas: %s: "+
			"set errors.deadletterqueue.topic.replication.factor", d.Topic, d.Replication, resp.ErrMessage)
	}
	return fmt.Errorf("create the dead letter topic %s: %w", d.Topic, err)
}

// send produces a dead letter; done is called once it is acknowledged.
func (d *deadLetters) send(ctx context.Context, l letter, done func(error)) {
	r := &kgo.Record{Topic: d.Topic, Partition: -1, Timestamp: l.timestamp,
		Key: l.key, Value: l.value, Headers: slices.Clone(l.headers)}
	if d.Context {
		r.Headers = append(r.Headers, d.contextHeaders(l)...)
	}
	d.cl.Produce(ctx, r, func(_ *kgo.Record, err error) {
		if isRecordsFault(err) {
			go d.sendAgain(ctx, r, done) // a promise must not wait for the client
			return
		}
		done(d.explain(err))
	})
}

// sendAgain sends a letter that was refused, perhaps for others in its batch,
// and when it is refused alone what fits of it.
func (d *deadLetters) sendAgain(ctx context.Context, r *kgo.Record, done func(error)) {
	d.alone.Lock()
	err := d.cl.ProduceSync(ctx, r).FirstErr()
	if isRecordsFault(err) {
		err = d.cl.ProduceSync(ctx, cut(r)).FirstErr()
	}
	d.alone.Unlock()
	done(d.explain(err))
}

func (d *deadLetters) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write to the dead letter topic %s: %w", d.Topic, err)
}

// cut returns a letter with the beginnings of r, and in headers how large its
// key and value were.
func cut(r *kgo.Record) *kgo.Record {
	begin := func(b []byte) []byte { return b[:min(len(b), cutTo)] }
	out := &kgo.Record{Topic: r.Topic, Partition: -1, Timestamp: r.Timestamp, Key: begin(r.Key), Value: begin(r.Value)}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: begin(h.Value)})
	}
	out.Headers = append(out.Headers, text("key.size", strconv.Itoa(len(r.Key))), text("value.size", strconv.Itoa(len(r.Value))))
	return out
}

// contextHeaders are Kafka Connect's ten, and those of a [connect.Reason].
func (d *deadLetters) contextHeaders(l letter) []kgo.RecordHeader {
	root := l.reason
	for next := errors.Unwrap(root); next != nil; next = errors.Unwrap(root) {
		root = next
	}
	out := []kgo.RecordHeader{text("topic", l.topic)}
	out = append(out, l.origin...)
	out = append(out,
		text("connector.name", d.connector),
		text("task.id", strconv.Itoa(d.task)),
		text("stage", l.stage.String()),
		text("class.name", l.class),
		text("exception.class.name", fmt.Sprintf("%T", root)),
		text("exception.message", l.reason.Error()),
		text("exception.stacktrace", chainText(l.reason)))
	var reason *connect.Reason
	if errors.As(l.reason, &reason) {
		for _, k := range sortedKeys(reason.Headers) {
			out = append(out, kgo.RecordHeader{Key: k, Value: []byte(reason.Headers[k])})
		}
	}
	return out
}

func text(key, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: headerPrefix + key, Value: []byte(value)}
}

// chainText shows an error and what it wraps, as a Java stack trace shows its
// causes.
func chainText(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		if b.Len() > 0 {
			b.WriteString("\nCaused by: ")
		}
		fmt.Fprintf(&b, "%T: %v", e, e)
	}
	return b.String()
}
