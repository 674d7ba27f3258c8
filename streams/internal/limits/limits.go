// Package limits knows what the topics of an app take: how large a record may be, and
// how far its timestamp may be from the clock. At first that is max.request.size and any
// timestamp. When a broker refuses a record, the app asks for the limits of the topic
// and keeps to them from then on: a record that does not fit is then rejected by
// itself, with its place, and does not stop all others.
package limits

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// floor is the smallest limit, in bytes, that is learned. A topic that takes less takes
// no dead letter.
const floor = 512

// usualAhead is how far a timestamp may be ahead of the clock in brokers that do not
// tell, the default of message.timestamp.after.max.ms since Kafka 4.0.
const usualAhead = time.Hour

// Topics are the limits of an app's topics. They may be used from any goroutine. nil
// takes everything.
type Topics struct {
	most int

	// learned is replaced, and never changed: every record that is written is compared.
	learned atomic.Pointer[map[string]limit]
	mu      sync.Mutex // whoever replaces it holds it, or changes what follows

	patience time.Duration // with topics that are missing
	missing  map[string]missing
}

// limit is what a topic takes. The durations are 0 for any.
type limit struct {
	bytes         int
	before, after time.Duration
	keyed         bool // a record needs a key, as in topics that are compacted
	denied        error
	until         time.Time // of denied
	learned       time.Time // when one of these changed last
}

// New returns limits of so many bytes for each topic.
func New(most int) *Topics { return &Topics{most: most, patience: missingPatience} }

func (t *Topics) of(topic string) limit {
	if t == nil {
		return limit{bytes: math.MaxInt32}
	}
	if learned := t.learned.Load(); learned != nil {
		if l, ok := (*learned)[topic]; ok {
			return l
		}
	}
	return limit{bytes: t.most}
}

// Bytes is the size of the largest batch that the topic takes, and so of the largest
// record.
func (t *Topics) Bytes(topic string) int { return t.of(topic).bytes }

// NeedsKey reports whether the topic refuses records without a key.
func (t *Topics) NeedsKey(topic string) bool { return t.of(topic).keyed }

// Check returns why the topic does not take a record of so many bytes, nil when it
// does.
func (t *Topics) Check(topic string, size int, keyed bool, timestamp time.Time) error {
	l := t.of(topic)
	switch {
	case l.denied != nil && time.Now().Before(l.until):
		return fmt.Errorf("topic %s %w: %w", topic, ErrDenied, l.denied)
	case size > l.bytes && l.bytes == t.most:
		return fmt.Errorf("record of %d bytes for topic %s is over max.request.size %d", size, topic, l.bytes)
	case size > l.bytes:
		return fmt.Errorf("record of %d bytes for topic %s is over its max.message.bytes %d", size, topic, l.bytes)
	case l.keyed && !keyed:
		return fmt.Errorf("record without a key for topic %s, which is compacted and takes none", topic)
	}
	return t.Time(topic, timestamp)
}

// Time returns why the topic does not take a timestamp, nil when it does.
func (t *Topics) Time(topic string, timestamp time.Time) error {
	if err := Writable(timestamp); err != nil {
		return err
	}
	l := t.of(topic)
	if l.after == 0 && l.before == 0 {
		return nil
	}
	ahead := time.Until(timestamp)
	switch {
	case l.after > 0 && ahead > l.after:
		return fmt.Errorf("timestamp %s is more than message.timestamp.after.max.ms (%v) of topic %s ahead of the clock",
			timestamp.UTC().Format(time.RFC3339), l.after, topic)
	case l.before > 0 && -ahead > l.before:
		return fmt.Errorf("timestamp %s is more than message.timestamp.before.max.ms (%v) of topic %s behind the clock",
			timestamp.UTC().Format(time.RFC3339), l.before, topic)
	}
	return nil
}

// Writable returns why the client cannot write a timestamp, nil when it can: it counts
// nanoseconds in 64 bits, so that other times would become wrong ones.
func Writable(timestamp time.Time) error {
	const first, last = math.MinInt64/1_000_000 + 1, math.MaxInt64 / 1_000_000
	if ms := timestamp.UnixMilli(); !timestamp.IsZero() && (ms < first || ms > last) {
		return fmt.Errorf("timestamp %d (milliseconds since 1970) is not between the years 1677 and 2262", ms)
	}
	return nil
}

// ErrDenied is in the error of a record for a topic that takes none: it is gone, or the app
// may not write it. That is no fault of the record.
var ErrDenied = errors.New("takes no records")

// denial is how long a topic is thought to take no record after it has refused one.
const denial = time.Minute

// Refusal is the error of a record that a broker or the client did not take because of
// its size or its timestamp, because it has no key, or because the topic takes none.
type Refusal struct {
	// Topic is the topic that was written.
	Topic string
	// Made says which records it was made of.
	Made string
	// Err is the error of the broker.
	Err error
}

// Error says what was refused and why.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("produce to %s %s: %v", r.Topic, r.Made, r.Err)
	if errors.Is(r.Err, kerr.InvalidTimestamp) {
		text += " (the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms say which it takes)"
	}
	return text
}

// Unwrap returns the error of the broker.
func (r *Refusal) Unwrap() error { return r.Err }

// Concerns reports whether a broker that answers err has refused a record for a
// reason that a [Refusal] is about.
func Concerns(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) ||
		errors.Is(err, kerr.InvalidTimestamp) || errors.Is(err, kerr.InvalidRecord)
}

// Denies reports whether a broker that answers err takes no record for the topic at all.
func Denies(err error) bool {
	return errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.UnknownTopicOrPartition) ||
		errors.Is(err, kerr.InvalidTopicException) || errors.Is(err, kerr.PolicyViolation)
}

// Learn asks for the limits of a topic that has refused a record. It reports whether
// they are narrower than those known since the record was made: then it helps to process
// the records again. When the broker does not tell a limit that explains the refusal, the
// known one is halved. Others may have met the same limit at the same time.
func (t *Topics) Learn(ctx context.Context, adm *kadm.Client, r *Refusal, since time.Time) bool {
	if t.of(r.Topic).learned.After(since) {
		return true
	}
	var told limit
	if !Denies(r.Err) {
		told = describe(ctx, adm, r.Topic)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.of(r.Topic)
	if l.learned.After(since) {
		return true
	}
	before := l
	switch {
	case Denies(r.Err):
		l.denied, l.until = r.Err, time.Now().Add(denial)
	case errors.Is(r.Err, kerr.InvalidTimestamp):
		l.narrowTime(told)
	case errors.Is(r.Err, kerr.InvalidRecord):
		l.keyed = true
	default:
		l.narrowBytes(told)
	}
	if l == before {
		return false
	}
	l.learned = time.Now()
	learned := map[string]limit{r.Topic: l}
	if known := t.learned.Load(); known != nil {
		learned = maps.Clone(*known)
		learned[r.Topic] = l
	}
	t.learned.Store(&learned)
	return true
}

func (l *limit) narrowTime(told limit) {
	if told.after == 0 && told.before == 0 {
		told.after = usualAhead
	}
	if l.after == 0 || told.after > 0 && told.after < l.after {
		l.after = told.after
	}
	if l.before == 0 || told.before > 0 && told.before < l.before {
		l.before = told.before
	}
}

func (l *limit) narrowBytes(told limit) {
	if told.bytes <= 0 || told.bytes >= l.bytes {
		told.bytes = l.bytes / 2
	}
	l.bytes = max(told.bytes, min(floor, l.bytes))
}

// patience is how long the broker may take to answer.
const patience = 10 * time.Second

// describe returns the limits in the configuration of a topic, as far as the broker
// tells them.
func describe(ctx context.Context, adm *kadm.Client, topic string) (l limit) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	configs, err := adm.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return l // not allowed, or away: what is known has to do
	}
	number := func(value string) time.Duration {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > int64(100*365*24*time.Hour/time.Millisecond) {
			return 0
		}
		return time.Duration(n) * time.Millisecond
	}
	for _, c := range configs {
		for _, entry := range c.Configs {
			switch value := entry.MaybeValue(); entry.Key {
			case "max.message.bytes":
				l.bytes, _ = strconv.Atoi(value) // 0 is unknown
			case "message.timestamp.after.max.ms":
				l.after = number(value)
			case "message.timestamp.before.max.ms":
				l.before = number(value)
			}
		}
	}
	return l
}
