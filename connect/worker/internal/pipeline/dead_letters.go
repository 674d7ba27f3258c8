package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/deadletter"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/semaphore"
)

const headerPrefix = "__connect.errors."

// The headers of a letter that are cut first.
const (
	messageHeader = "exception.message"
	stackHeader   = "exception.stacktrace"
)

// defaultRoom is how many bytes of letters may be on their way when the client has
// no limit of its own.
const defaultRoom = 32 << 20

// DeadLetters writes the dead letters of one task.
type DeadLetters struct {
	plan      plan.DeadLetters
	connector string
	hide      func(string) string // takes secrets out of a text
	task      int
	client    *kgo.Client
	largest   int   // bytes of a batch that the client sends
	room      int64 // bytes of letters that may be on their way

	onTheWay *semaphore.Weighted // of room
	alone    sync.Mutex          // held while a refused letter is sent again
}

// NewDeadLetters returns what writes the dead letters of a task with client,
// which stays the caller's; nil when the plan has no dead letter queue.
func NewDeadLetters(p *plan.Connector, task int, client *kgo.Client) *DeadLetters {
	if p.DeadLetters == nil {
		return nil
	}
	d := &DeadLetters{plan: *p.DeadLetters, connector: p.Name, hide: p.HideText, task: task, client: client,
		largest: math.MaxInt32, room: defaultRoom}
	if n, ok := client.OptValue(kgo.ProducerBatchMaxBytes).(int32); ok && n > 0 {
		d.largest = int(n)
	}
	if n, ok := client.OptValue(kgo.MaxBufferedBytes).(int); ok && n > 0 {
		d.room, d.largest = int64(n), min(n, d.largest)
	}
	d.onTheWay = semaphore.NewWeighted(d.room)
	return d
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
// for the client. The letter ends with ctx or with the client. Send waits while
// the letters on their way have buffer.memory bytes, but no longer than until stop is
// done; a letter that finds room is sent even then.
func (d *DeadLetters) Send(ctx, stop context.Context, l Letter, done func(error)) {
	weight := min(l.bytes(), d.room)
	if !d.onTheWay.TryAcquire(weight) {
		if err := d.onTheWay.Acquire(stop, weight); err != nil {
			done(d.explain(l, err))
			return
		}
	}
	answer := func(err error) {
		d.onTheWay.Release(weight)
		done(d.explain(l, err))
	}
	full := d.letter(l)
	r := full.Record
	if !d.plan.Context && !l.bare {
		r = without(full)
	}
	if deadletter.Size(r) > d.largest {
		go d.sendCut(ctx, full, answer)
		return
	}
	d.client.Produce(ctx, r, func(_ *kgo.Record, err error) {
		if IsRecordsFault(err) {
			go d.sendCut(ctx, full, answer) // a promise must not wait for the client
			return
		}
		answer(err)
	})
}

// without returns a letter without the headers that say what was wrong.
func without(l deadletter.Letter) *kgo.Record {
	r := *l.Record
	r.Headers = r.Headers[:l.Own:l.Own]
	return &r
}

// sendCut sends a letter that was refused, perhaps for others in its batch, and
// while it is refused alone less and less of it. Whatever is cut, it says where
// the record is.
func (d *DeadLetters) sendCut(ctx context.Context, l deadletter.Letter, answer func(error)) {
	d.alone.Lock()
	tries := l.Tries(d.largest)
	err := d.client.ProduceSync(ctx, tries.Record()).FirstErr()
	for err != nil && tries.Refused(err) {
		err = d.client.ProduceSync(ctx, tries.Record()).FirstErr()
	}
	d.alone.Unlock()
	answer(err)
}

func (d *DeadLetters) explain(l Letter, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("write the dead letter of %s to topic %s: %w", l.name, d.plan.Topic, err)
	if errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) {
		return fmt.Errorf("%w: it was cut to what says where the record is; raise the topic's max.message.bytes or "+
			"max.request.size of the producer", err)
	}
	return err
}

// letter makes the whole letter.
func (d *DeadLetters) letter(l Letter) deadletter.Letter {
	r := &kgo.Record{Topic: d.plan.Topic, Partition: -1, Timestamp: l.timestamp,
		Key: l.key, Value: l.value, Headers: slices.Concat(l.headers, d.contextHeaders(l))}
	return deadletter.Letter{Record: r, Own: len(l.headers), Prefix: headerPrefix,
		Message: messageHeader, Stack: stackHeader}
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
		contextHeader(messageHeader, excerpt.Error(l.reason, d.hide)),
		contextHeader(stackHeader, excerpt.Causes(l.reason, stackOf(l.reason), d.hide)))
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
		errors.Is(err, kerr.InvalidRecord) || errors.Is(err, kerr.InvalidTimestamp)
}

func contextHeader(key, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: headerPrefix + key, Value: []byte(value)}
}

// rootOf returns the innermost cause.
func rootOf(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
