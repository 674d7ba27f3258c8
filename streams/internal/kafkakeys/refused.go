package kafkakeys

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Refused is a key of Kafka Streams of which only some values mean what there is here.
type Refused struct {
	// Name is the key.
	Name string
	// Accepts are the values that are accepted, in lower case; "" is none at all.
	Accepts []string
	// Why says why other values are refused, and what to do.
	Why string
}

// refused are the keys that are refused. It never changes.
var refused = []Refused{
	{"topology.optimization", []string{"none", ""},
		"a topology runs as it was built, and an optimized one has other internal topics, whose state would not be found"},
	{"group.protocol", []string{"classic", ""},
		"an app is in a group of the classic protocol; a group changes its protocol when all instances are stopped"},
	{"dsl.store.format", []string{"default", ""},
		"stores keep no headers, and their changelogs would have other bytes"},
	{"config.providers", []string{""},
		"an app has no config providers: write the values, or let what starts the app fill them in"},
}

// AllRefused returns the keys that are refused.
func AllRefused() []Refused { return slices.Clone(refused) }

// Accepted reports whether a key is one that is refused with other values, and has no
// effect with this one.
func Accepted(name string) bool {
	return slices.ContainsFunc(refused, func(r Refused) bool { return r.Name == name })
}

// refuse returns the errors of the keys that are refused.
func refuse(props map[string]string) (errs config.Errors) {
	for _, r := range refused {
		value, set := props[r.Name]
		if set && !slices.Contains(r.Accepts, strings.ToLower(strings.TrimSpace(value))) {
			errs = append(errs, config.Errorf(r.Name, value, "%s", r.Why))
		}
	}
	return errs
}
