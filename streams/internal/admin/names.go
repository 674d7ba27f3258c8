package admin

import (
	"errors"
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

// Own returns the Kafka names of the topics that the app makes for itself: repartition
// topics, and changelogs.
func (n Names) Own(t *topology.Topology) map[string]bool {
	own := map[string]bool{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Logged() {
			own[n.Changelog(s.Name)] = true
		}
		for _, s := range sub.Sources {
			if s.Internal {
				own[n.Topic(s.Topic)] = true
			}
		}
	}
	return own
}

// Check returns which internal topics of a topology cannot have their names, nil when all
// can.
func (n Names) Check(t *topology.Topology) error {
	var errs []error
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
				errs = append(errs, fmt.Errorf("name an internal topic of subtopology %d: %w; choose a shorter application.id, or "+
					"shorter names", sub.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}
