package predicates

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
)

var _ connect.Predicate = (*TopicNameMatches)(nil)

// TopicNameMatches holds for records whose whole topic matches.
type TopicNameMatches struct {
	regex *javaregex.Pattern
}

// TopicNameMatchesConfig is the configuration of a [TopicNameMatches].
type TopicNameMatchesConfig struct {
	// Pattern is a regular expression of Java.
	Pattern string `config:"pattern"`
}

// TopicNameMatchesPlugin describes TopicNameMatches as a worker loads it.
func TopicNameMatchesPlugin() connect.PredicatePlugin {
	return plugin("TopicNameMatches", "True for records whose topic matches a regular expression.", config.New(
		config.Key{Name: "pattern", Type: config.String, Required: true,
			Valid: config.Func("regular expression", validPattern),
			Doc:   "Regular expression that the whole topic must match."}), NewTopicNameMatches)
}

func validPattern(v any) error {
	if err := config.NonEmpty().Check(v); err != nil {
		return err
	}
	return javaregex.ValidPattern(v)
}

// NewTopicNameMatches returns a TopicNameMatches, or an error about the expression.
func NewTopicNameMatches(c TopicNameMatchesConfig) (*TopicNameMatches, error) {
	regex, err := javaregex.ParsePattern(c.Pattern)
	if err != nil {
		return nil, err
	}
	return &TopicNameMatches{regex}, nil
}

// Test reports whether the topic of r matches.
func (p *TopicNameMatches) Test(r *connect.Record) (bool, error) {
	return p.regex.MatchWhole(r.Topic)
}
