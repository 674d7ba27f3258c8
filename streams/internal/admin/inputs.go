package admin

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// inputs are the topics of others that a [Guard] looks at. They may be made again, and are waited
// for; meanwhile nothing of them comes, and nothing else says so.
type inputs struct {
	seen map[string]bool
	gone map[string]absence
}

// absence is since when a topic is gone, and at how many looks it was.
type absence struct {
	since time.Time
	looks int
}

// look notes which of the topics are there, and tells of those that go and come back. It returns
// those that are gone, sorted.
func (in *inputs) look(topics []string, exist kadm.TopicDetails, log *slog.Logger) (gone []string) {
	if in.seen == nil {
		in.seen, in.gone = map[string]bool{}, map[string]absence{}
	}
	for _, topic := range topics {
		d, ok := exist[topic]
		a, missed := in.gone[topic]
		switch {
		case ok && d.Err == nil:
			in.seen[topic] = true
			if a.looks >= confirmations {
				log.Info("an input topic is there again", "topic", topic)
			}
			delete(in.gone, topic)
		case in.seen[topic] && (!ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition)):
			if !missed {
				a.since = time.Now()
			}
			if a.looks++; a.looks == confirmations {
				log.Warn("an input topic was deleted while the app runs, which waits for it", "topic", topic)
			}
			in.gone[topic] = a
		}
		if in.gone[topic].looks >= confirmations {
			gone = append(gone, topic)
		}
	}
	slices.Sort(gone)
	return gone
}

// over returns the error of topics that have been gone for longer than patience, nil when none has.
func (in *inputs) over(patience time.Duration, brokers string) error {
	var errs []error
	for _, topic := range sorted(in.gone) {
		if a := in.gone[topic]; a.looks >= confirmations && time.Since(a.since) >= patience {
			errs = append(errs, fmt.Errorf("input topic %s was deleted while the app runs, and has not existed for "+
				"task.timeout.ms (%v): make it again (kafka-topics.sh --bootstrap-server %s --create --topic %[1]s), "+
				"or let the app read another one", topic, patience, brokers))
		}
	}
	return errors.Join(errs...)
}

// missingInputs says which topics are gone, in words; "" for none.
func missingInputs(gone []string) string {
	switch len(gone) {
	case 0:
		return ""
	case 1:
		return "input topic " + gone[0] + " does not exist any more, and the app waits for it"
	}
	return "input topics " + strings.Join(gone, ", ") + " do not exist any more, and the app waits for them"
}
