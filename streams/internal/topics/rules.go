package topics

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/topology"
)

// check returns what the topics break of the rules.
func (t *Topics) check(top *topology.Topology, deadLetters string) error {
	return errors.Join(t.Names.Check(top), t.deadLetterRule(deadLetters).OrNil(), t.ownRule())
}

// deadLetterRule refuses a dead-letter topic that the app reads itself: a bad
// record would come back as a dead letter, be rejected again, and so on without
// end.
func (t *Topics) deadLetterRule(topic string) (errs config.Errors) {
	refuse := func(why string) {
		errs = append(errs, config.Errorf(failures.DeadLetterKey, topic, "%s: choose another topic", why))
	}
	for _, sub := range t.subs {
		for _, s := range sub.Sources {
			if topic != "" && t.reads(s, topic) {
				refuse("is read by the app itself, so that dead letters would come back")
			}
		}
		if sub.Global != nil && sub.Global.Topic() == topic {
			refuse("is read by the app itself, so that dead letters would come back")
		}
		for _, s := range sub.Logged() {
			if t.Names.Changelog(s.Name) == topic {
				refuse("is a changelog of the app, which dead letters would damage")
			}
		}
	}
	return errs
}

// ownRule refuses to write and to read the app's own repartition topics and changelogs as
// other topics: what is written there would be taken for the app's state, and what is read
// there would be read by two nodes.
func (t *Topics) ownRule() error {
	var errs []error
	for _, sub := range t.subs {
		for _, s := range sub.Sinks {
			if !s.Internal && t.own[s.Topic] {
				errs = append(errs, fmt.Errorf("node %s writes topic %s, which is an internal topic of the app: choose another "+
					"topic or another application.id", s.Name, s.Topic))
			}
		}
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				if !s.Internal && t.own[topic] {
					errs = append(errs, fmt.Errorf("node %s reads topic %s, which is an internal topic of the app: go on from the "+
						"stream or table that is behind it, or choose another application.id", s.Name, topic))
				}
			}
		}
	}
	return errors.Join(errs...)
}
