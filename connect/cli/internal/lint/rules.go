package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
)

// rule is something that is legal and probably wrong.
type rule struct {
	// Name is what --disable takes.
	Name string `json:"rule"`
	// Finds says what the rule finds.
	Finds string `json:"finds"`
	// Reason says why that is probably wrong.
	Reason string `json:"reason"`
	// Remedy says what to do.
	Remedy string `json:"remedy"`

	check func(c *connector, all []*connector) []found
}

// found is where a rule has found something.
type found struct{ key, message string }

// rules are all of them, by name.
func rules() []rule {
	return []rule{
		{"dead-letters-matched", "a topics.regex that matches the dead-letter topic of another connector",
			"Dead letters are the records of many topics, with reasons in their headers. A sink that reads topics by a " +
				"pattern gets them as soon as the first one is written, and rejects or stores them as data.",
			"Write a pattern that leaves the topic out, or name the topics in topics.", deadLettersMatched},
		{"drops-everything", "a Filter without a predicate",
			"It drops every record, so that the connector writes nothing, and transforms behind it have nothing to do.",
			"Name a predicate in transforms.ALIAS.predicate, or leave the transform out.", dropsEverything},
		{"exactly-once-unused", "keys of transactions of a source that runs in none",
			"Transactions are the worker's exactly.once.source.support=enabled; without it, and for another " +
				"transaction.boundary, these keys have no effect.",
			"Enable it in the worker's file, or leave the keys out.", exactlyOnceUnused},
		{"json-envelope", "a JsonConverter without schemas.enable",
			"Its default is true: each record must be an object with schema and payload, and others are rejected; a source " +
				"writes such objects. Most topics hold plain JSON.",
			"Write schemas.enable=false for plain JSON, or true to say that the envelope is meant.", jsonEnvelope},
		{"no-effect", "keys that have no effect",
			"Somebody expects something of them: other parts of Kafka's ecosystem read them, or another key keeps them " +
				"from having one.",
			"Leave the key out, or do what the finding says.", noEffect},
		{"plain-secret", "a secret that is written into the file",
			"Whoever may read the file, or its history in version control, has the secret.",
			"Write a reference such as ${file:/run/secrets/shop.properties:password}, which the worker's config.providers " +
				"resolve.", plainSecret},
		{"same-destination", "two connectors that write the same",
			"Two sinks with the same destination and a topic in common write each record twice; two sources with the same " +
				"file and topic do so, too.",
			"Leave one of them out, or give it another destination.", sameDestination},
		{"same-group", "two sinks in one consumer group",
			"Each gets a part of the partitions of its topics, and neither all of its records.",
			"Give one of them another consumer.override.group.id, or none.", sameGroup},
		{"silent-drops", "errors.tolerance=all without a dead-letter topic",
			"Bad records are dropped: a line in the log and a number are all that is left of them.",
			"Set errors.deadletterqueue.topic.name, or errors.tolerance=none.", silentDrops},
	}
}

func silentDrops(c *connector, _ []*connector) []found {
	if !c.Plan.Tolerance.All || c.Plan.DeadLetters != nil {
		return nil
	}
	return []found{{"errors.tolerance", "is all, and there is no dead-letter topic: bad records are dropped"}}
}

func plainSecret(c *connector, _ []*connector) (out []found) {
	shown := c.Plan.Shown()
	for _, key := range slices.Sorted(maps.Keys(c.Config)) {
		if !c.refers(key) && strings.Contains(shown[key], config.Hidden) && !strings.Contains(c.Config[key], config.Hidden) {
			out = append(out, found{key, "holds a secret in plain text"})
		}
	}
	return out
}

func noEffect(c *connector, _ []*connector) (out []found) {
	for _, text := range c.Warnings {
		key, rest, ok := strings.Cut(text, " ")
		switch {
		case strings.HasSuffix(rest, "it is a comment"):
			continue
		case !ok || c.Config[key] == "" && !strings.Contains(key, "."):
			key, rest = "", text
		}
		out = append(out, found{key, rest})
	}
	return out
}

func dropsEverything(c *connector, _ []*connector) (out []found) {
	for i, step := range c.Plan.Chain {
		if command.Simple(step.Class) != "Filter" || step.Predicate != nil || step.PredicateAlias != "" {
			continue
		}
		message := "has no predicate and drops every record"
		if behind := c.Plan.Chain[i+1:]; len(behind) > 0 {
			message += fmt.Sprintf(", so that %s behind it never gets one", behind[0].Alias)
		}
		out = append(out, found{"transforms." + step.Alias + ".type", message})
	}
	return out
}

// jsonEnvelope looks at converters that the connector names itself: of the worker's, one
// finding for each connector would be too many.
func jsonEnvelope(c *connector, _ []*connector) (out []found) {
	look := func(key, class string) {
		_, says := c.Config[key+".schemas.enable"]
		if c.Config[key] != "" && command.Simple(class) == "JsonConverter" && !says {
			out = append(out, found{key + ".schemas.enable",
				"is not set, and true by default: each record must have schema and payload"})
		}
	}
	look("key.converter", c.Plan.Key.Class)
	look("value.converter", c.Plan.Value.Class)
	return out
}

func exactlyOnceUnused(c *connector, _ []*connector) (out []found) {
	if c.Plan.Records == nil {
		return nil
	}
	boundary, interval := "transaction.boundary", "transaction.boundary.interval.ms"
	if !c.Plan.Records.ExactlyOnce {
		for _, key := range []string{"exactly.once.support", boundary, interval} {
			if c.Config[key] != "" {
				out = append(out, found{key, "has no effect: the worker runs without exactly.once.source.support=enabled"})
			}
		}
		return out
	}
	if c.Config[interval] != "" && !strings.EqualFold(c.Config[boundary], "interval") {
		out = append(out, found{interval, "has no effect: transaction.boundary is not interval"})
	}
	return out
}

func deadLettersMatched(c *connector, all []*connector) (out []found) {
	if c.Plan.Subscription == nil || c.Plan.Subscription.Pattern == nil {
		return nil
	}
	for _, other := range all {
		letters := other.Plan.DeadLetters
		if other != c && letters != nil && c.Plan.Subscription.Pattern.MatchString(letters.Topic) {
			out = append(out, found{"topics.regex", fmt.Sprintf("matches %s, the dead-letter topic of connector %s in %s",
				letters.Topic, other.Connector, other.Path)})
		}
	}
	return out
}

func sameGroup(c *connector, all []*connector) (out []found) {
	for _, other := range c.before(all) {
		mine, theirs := c.Plan.Subscription, other.Plan.Subscription
		if mine != nil && theirs != nil && mine.Group == theirs.Group {
			out = append(out, found{"consumer.override.group.id", fmt.Sprintf(
				"says group %s, in which connector %s in %s is, too", mine.Group, other.Connector, other.Path)})
		}
	}
	return out
}

// destinations are the keys that say where connectors write to, by their class. Two with the
// same values of all of them write to the same place.
var destinations = map[string][]string{
	"FileStreamSink":   {"file"},
	"FileStreamSource": {"file", "topic"},
	"ElasticsearchSink": {"connection.url", "index.name.format", "data.stream.type", "data.stream.dataset",
		"data.stream.namespace", "topic.to.external.resource.mapping"},
	"HdfsSink": {"hdfs.url", "store.url", "topics.dir"},
}

func sameDestination(c *connector, all []*connector) (out []found) {
	keys := destinations[command.Simple(c.Plan.Class)]
	for _, other := range c.before(all) {
		differs := func(key string) bool { return c.value(key) != other.value(key) }
		switch {
		case len(keys) == 0, c.value(keys[0]) == "", other.Plan.Class != c.Plan.Class,
			slices.ContainsFunc(keys, differs), !c.sharesTopic(other),
			c.Plan.Subscription != nil && (c.routes() || other.routes()):
			continue
		}
		out = append(out, found{keys[0], fmt.Sprintf("is the same in connector %s in %s, with a topic in common",
			other.Connector, other.Path)})
	}
	return out
}
