package kafkakeys

import (
	_ "embed" // for the list
	"strings"

	"github.com/suiro/suiro/streams/internal/ignored"
)

// list are the keys of Kafka Streams' StreamsConfig, one a line.
//
//go:embed kafka-streams-4.3.1.txt
var list string

// Key is a key of Kafka Streams, or what such keys begin with.
type Key struct {
	// Name is the key; with a full stop at the end it is a prefix.
	Name string
	// Here is a sentence that says what it is in a stream app.
	Here string
}

// notes say how a key differs that Kafka Streams has, too. It never changes.
var notes = map[string]string{
	"processing.guarantee":                "The default is exactly_once_v2 and not at_least_once.",
	"state.dir":                           "The default is the folder state, and not one of temporary files.",
	"num.stream.threads":                  "The tasks of a thread run in parallel, so that one is often enough.",
	"statestore.cache.max.bytes":          "It bounds what all threads have not committed, and not what they keep.",
	"task.timeout.ms":                     "It is for topics that are missing; brokers that are away are waited for.",
	"errors.dead.letter.queue.topic.name": "With it an app goes on after a bad record; without it ends.",
	"bootstrap.servers":                   "The default is localhost:9092.",
}

// All returns every key of Kafka Streams with what it is here, and the prefixes. has reports whether a
// stream app has a key.
func All(has func(name string) bool) (keys []Key) {
	for name := range strings.FieldsSeq(list) {
		keys = append(keys, Key{name, here(name, has)})
	}
	return append(keys, prefixes()...)
}

// here says what a key is, "" when it is nothing.
func here(name string, has func(string) bool) string {
	if has(name) {
		return strings.TrimSpace("The same key. " + notes[name])
	}
	for _, r := range refused {
		if r.Name == name {
			return "Refused, unless it is " + choice(r.Accepts) + ": " + r.Why + "."
		}
	}
	if why, ok := ignored.Why(name); ok {
		return "No effect: " + why + "."
	}
	return ""
}

func choice(values []string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return "empty"
}
