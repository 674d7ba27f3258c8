// Package naming gives nodes, stores and repartition topics the names that Kafka Streams
// gives them.
package naming

import (
	"fmt"
	"regexp"
	"strings"
)

// Names makes names with numbers. They are taken in the order in which Kafka Streams takes
// them, also for nodes that get another name, so that the same topology has the same
// names. The zero Names begins at 0.
type Names struct{ next int }

// Next returns the next generated name, such as KSTREAM-FILTER-0000000001.
func (n *Names) Next(kind string) string {
	name := fmt.Sprintf("%s-%010d", kind, n.next)
	n.next++
	return name
}

// Repartition names a repartition topic and the nodes around it.
type Repartition struct {
	// Topic is the name of the topic without prefix and suffix.
	Topic string
	// Filter, Sink and Source are the nodes, the first two before the topic.
	Filter, Sink, Source string
}

// RepartitionSuffix ends the names of repartition topics.
const RepartitionSuffix = "-repartition"

var generated = regexp.MustCompile(`^KSTREAM.*-[0-9]{10}$`)

// Repartition makes the names for a repartition topic. It takes three numbers in any case.
func (n *Names) Repartition(topic string) Repartition {
	sink, filter, source := n.Next("KSTREAM-SINK"), n.Next("KSTREAM-FILTER"), n.Next("KSTREAM-SOURCE")
	topic = strings.TrimSuffix(topic, RepartitionSuffix)
	if generated.MatchString(topic) {
		return Repartition{Topic: topic, Filter: filter, Sink: sink, Source: source}
	}
	full := topic + RepartitionSuffix
	return Repartition{Topic: topic, Filter: full + "-filter", Sink: full + "-sink", Source: full + "-source"}
}
