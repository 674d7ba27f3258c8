package topology

import (
	"errors"
	"fmt"
)

// maxName is the most bytes that Kafka allows in the name of a topic.
const maxName = 249

// CheckName returns why a topic, a store or an app cannot have a name, nil when it can.
// The rule is Kafka's for topics: letters, digits, full stops, dashes and underscores of
// ASCII, 249 of them at most, and not "." or "..". Names become parts of topics and of
// folders.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case name == "." || name == "..":
		return fmt.Errorf("%q is the name of a folder: choose another one", name)
	case len(name) > maxName:
		return fmt.Errorf("%.32q... has %d bytes: a name has %d at most", name, len(name), maxName)
	}
	for i := range len(name) {
		if !legal(name[i]) {
			return fmt.Errorf("%.64q has the byte %q: use letters, digits, full stops, dashes and underscores", name,
				name[i:i+1])
		}
	}
	return nil
}

func legal(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-'
}

// checkNames returns what is wrong with the names of topics and stores.
func (g *Graph) checkNames() (errs []error) {
	for _, s := range allSources(g) {
		for _, topic := range s.Reads() {
			if err := CheckName(topic); err != nil {
				errs = append(errs, fmt.Errorf("node %s reads a topic that cannot exist: %w", s.Name, err))
			}
		}
	}
	for _, s := range g.sinks {
		if err := CheckName(s.Topic); s.Topic != "" && err != nil {
			errs = append(errs, fmt.Errorf("node %s writes a topic that cannot exist: %w", s.Name, err))
		}
	}
	for _, p := range allProcessors(g) {
		for _, store := range p.Stores {
			if err := CheckName(store.Name); err != nil {
				errs = append(errs, fmt.Errorf("node %s has a store that cannot have its name: %w", p.Name, err))
			}
		}
	}
	return errs
}
