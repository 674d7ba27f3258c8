// Package predicates holds Kafka Connect's predicates, which say to which
// records a transform applies.
package predicates

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

const (
	version     = "0.1.0"
	javaPackage = "org.apache.kafka.connect.transforms.predicates."
)

// Plugins returns all predicates as a worker loads them.
func Plugins() []connect.PredicatePlugin {
	return []connect.PredicatePlugin{
		{
			Info: connect.Info{Class: javaPackage + "TopicNameMatches", Version: version, Def: config.New(
				config.Key{Name: "pattern", Type: config.String, Required: true, Valid: config.Func("regular expression", validRegex),
					Doc: "Regular expression that the whole topic must match."})},
			New: func(c config.Values) (connect.Predicate, error) { return NewTopicNameMatches(c.String("pattern")) },
		},
		{
			Info: connect.Info{Class: javaPackage + "HasHeaderKey", Version: version, Def: config.New(
				config.Key{Name: "name", Type: config.String, Required: true, Valid: config.NonEmpty(), Doc: "Key of the header."})},
			New: func(c config.Values) (connect.Predicate, error) { return HasHeaderKey{Name: c.String("name")}, nil },
		},
		{
			Info: connect.Info{Class: javaPackage + "RecordIsTombstone", Version: version, Def: config.New()},
			New:  func(config.Values) (connect.Predicate, error) { return RecordIsTombstone{}, nil },
		},
	}
}

func validRegex(v any) error {
	_, err := regexp.Compile(fmt.Sprint(v))
	return err
}

var (
	_ connect.Predicate = (*TopicNameMatches)(nil)
	_ connect.Predicate = HasHeaderKey{}
	_ connect.Predicate = RecordIsTombstone{}
)

// TopicNameMatches holds for records whose topic matches whole.
type TopicNameMatches struct {
	regex *regexp.Regexp
}

// NewTopicNameMatches returns a predicate of a regular expression.
func NewTopicNameMatches(pattern string) (*TopicNameMatches, error) {
	regex, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	return &TopicNameMatches{regex}, nil
}

// Test reports whether the topic of r matches.
func (p *TopicNameMatches) Test(r *connect.Record) bool { return p.regex.MatchString(r.Topic) }

// HasHeaderKey holds for records with at least one header of the name.
type HasHeaderKey struct {
	// Name is the header's key.
	Name string
}

// Test reports whether r has the header.
func (p HasHeaderKey) Test(r *connect.Record) bool {
	return slices.ContainsFunc(r.Headers, func(h connect.Header) bool { return h.Key == p.Name })
}

// RecordIsTombstone holds for records whose value is null.
type RecordIsTombstone struct{}

// Test reports whether the value of r is null, without decoding it.
func (RecordIsTombstone) Test(r *connect.Record) bool { return r.Value.IsNull() }
