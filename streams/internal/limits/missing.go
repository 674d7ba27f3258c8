package limits

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// missingPatience is for how long a topic may be missing by default, that of Kafka Streams'
// task.timeout.ms.
const missingPatience = 5 * time.Minute

// missingPause is how long nobody must have missed a topic before it counts as there again.
const missingPause = 2 * time.Minute

// missing is since when a topic is missed, and when it last was.
type missing struct{ first, last time.Time }

// SetPatience says for how long a topic may be missing. It is called before all else.
func (t *Topics) SetPatience(d time.Duration) { t.patience = d }

// Missing is called when a topic of others does not exist that a record is for, with the error of
// the broker or client. It returns that error, which a new thread survives, until the topic has
// been missing for too long; then an error which says what to do, and ends the app.
func (t *Topics) Missing(topic string, err error) error {
	if t == nil || !errors.Is(err, kerr.UnknownTopicOrPartition) {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now, m := time.Now(), t.missing[topic]
	if now.Sub(m.last) > missingPause {
		m.first = now
	}
	m.last = now
	if t.missing == nil {
		t.missing = map[string]missing{}
	}
	t.missing[topic] = m
	if now.Sub(m.first) < t.patience {
		return err
	}
	return fmt.Errorf("topic %s has not existed for task.timeout.ms (%v): make it (suiro topics create %[1]s, or "+
		"kafka-topics.sh --create --topic %[1]s), or let records choose another one; to leave such records out set "+
		"production.exception.handler=continue (the broker says %[3]v)", topic, t.patience, err)
}
