package plan

import (
	"cmp"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/keys"
)

// offsetTopic is the topic of a source's own offsets, "" when the worker's store has them.
// A transaction is in one Kafka cluster, so offsets of an exactly-once source are in the
// cluster that it writes to, in a topic with the name of the worker's.
func offsetTopic(p *parts, runtime config.Values, producer Client) string {
	own := runtime.String(keys.OffsetsTopic)
	if own != "" && p.worker.Distributed == nil {
		p.warn(keys.OffsetsTopic + " has no effect: only distributed workers read it")
		own = ""
	}
	what := ""
	if key := internalTopic(p.worker, own); key != "" && own != p.worker.OffsetTopic {
		what = "is the worker's " + key
	} else if own == runtime.String(keys.DeadLetterTopic) {
		what = "is also " + keys.DeadLetterTopic
	}
	if own != "" && what != "" {
		p.refuse(config.Errorf(keys.OffsetsTopic, own, "%s: name another topic", what))
	}
	if p.worker.ExactlyOnce {
		own = cmp.Or(own, p.worker.OffsetTopic)
	}
	if own == p.worker.OffsetTopic && sameServers(producer, p.worker.Producer) {
		return ""
	}
	return own
}

// internalTopic is the key of a worker that names a topic, "" when none does.
func internalTopic(w *Worker, topic string) string {
	d := w.Distributed
	switch {
	case topic == w.OffsetTopic:
		return "offset.storage.topic"
	case d != nil && topic == d.ConfigTopic:
		return "config.storage.topic"
	case d != nil && topic == d.StatusTopic:
		return "status.storage.topic"
	}
	return ""
}

// sameServers reports whether two clients start from the same brokers, in any order.
func sameServers(a, b Client) bool {
	return slices.Equal(slices.Sorted(slices.Values(a.Brokers())), slices.Sorted(slices.Values(b.Brokers())))
}
