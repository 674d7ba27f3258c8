package admin

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/topology"
)

// use is a topic of others that a subtopology reads or writes.
type use struct {
	topic string
	input bool
	sub   int
}

// uses returns the topics that others make, inputs first, each once.
func uses(t *topology.Topology) []use {
	var out []use
	seen := map[string]bool{}
	add := func(topic string, internal, input bool, sub int) {
		if !internal && !seen[topic] {
			seen[topic] = true
			out = append(out, use{topic, input, sub})
		}
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				add(topic, s.Internal, true, sub.ID)
			}
		}
		if sub.Global != nil {
			add(sub.Global.Topic(), false, true, sub.ID)
		}
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sinks {
			if s.Topic != "" {
				add(s.Topic, s.Internal, false, sub.ID)
			}
		}
	}
	return out
}

// missing returns the error of topics that do not exist, with what to do about it.
func missing(gone []use, existing []string, o Options) error {
	var b strings.Builder
	var errs []error
	for _, u := range gone {
		kind := "output"
		if u.input {
			kind = "input"
		}
		hint := ""
		if near := config.Nearest(u.topic, existing); near != "" {
			hint = fmt.Sprintf(" (did you mean %s?)", near)
		}
		errs = append(errs, fmt.Errorf("%s topic %s does not exist%s", kind, u.topic, hint))
	}
	b.WriteString(errors.Join(errs...).Error())
	b.WriteString("\nset create.topics=true (--create-topics on the command line) and the app makes them, or make them " +
		"yourself, with Suiro or with Kafka's own tool:")
	brokers := cmp.Or(o.Brokers, "localhost:9092")
	for _, u := range gone {
		fmt.Fprintf(&b, "\n  suiro topics create --bootstrap-servers %s --partitions %d %s",
			brokers, partitionsShown(o), u.topic)
	}
	for _, u := range gone {
		fmt.Fprintf(&b, "\n  kafka-topics.sh --bootstrap-server %s --create --partitions %d --topic %s",
			brokers, partitionsShown(o), u.topic)
	}
	return errors.New(b.String())
}

// partitionsShown is a number of partitions for a command, which a person may change.
func partitionsShown(o Options) int32 {
	if o.Partitions > 0 {
		return o.Partitions
	}
	return 4
}
