package admin

import "strconv"

// Names maps the topics of a topology to their names in Kafka.
type Names struct {
	// ApplicationID is the prefix of the app's own topics.
	ApplicationID string
	// Internal are the repartition topics, by their name in the topology.
	Internal map[string]bool
}

// Topic returns the Kafka name of a topic of the topology.
func (n Names) Topic(name string) string {
	if n.Internal[name] {
		return n.ApplicationID + "-" + name + "-repartition"
	}
	return name
}

// Changelog returns the changelog topic that all stores of a subtopology share.
func (n Names) Changelog(sub int) string {
	return n.ApplicationID + "-" + strconv.Itoa(sub) + "-changelog"
}
