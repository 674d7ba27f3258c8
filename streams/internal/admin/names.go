package admin

import (
	"fmt"

	"github.com/suiro/suiro/streams/topology"
)

// Names maps the topics of a topology to their names in Kafka.
type Names struct {
	// ApplicationID is the prefix of the app's own topics.
	ApplicationID string
	// Internal are the internal topics, by their name in the topology.
	Internal map[string]bool
}

// Topic returns the Kafka name of a topic of the topology.
func (n Names) Topic(name string) string {
	if n.Internal[name] {
		return n.ApplicationID + "-" + name
	}
	return name
}

// Changelog returns the changelog topic of a store.
func (n Names) Changelog(store string) string { return n.ApplicationID + "-" + store + "-changelog" }

// Check returns why an internal topic of a topology cannot have its name, nil when all
// can.
func (n Names) Check(t *topology.Topology) error {
	for _, sub := range t.Subtopologies() {
		own := []string{}
		for _, s := range sub.Stores {
			own = append(own, n.Changelog(s.Name))
		}
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				own = append(own, n.Topic(topic))
			}
		}
		for _, name := range own {
			if err := topology.CheckName(name); err != nil {
				return fmt.Errorf("name an internal topic of subtopology %d: %w; choose a shorter application.id, or shorter names",
					sub.ID, err)
			}
		}
	}
	return nil
}
