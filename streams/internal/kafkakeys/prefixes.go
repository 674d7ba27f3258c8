package kafkakeys

import (
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// TopicPrefix begins keys whose rest is a configuration of the internal topics.
const TopicPrefix = "topic."

// merged are the prefixes of Kafka Streams' clients that are one client here: a key with
// the prefix wins over the key without, and a later prefix over an earlier one.
var merged = []string{producer, "consumer.", "main.consumer."}

const producer = "producer."

// apart are the prefixes of clients that have no keys of their own here.
var apart = []string{"restore.consumer.", "global.consumer.", "admin."}

// prefixes returns what keys of Kafka Streams begin with that are for one of its clients,
// or for topics.
func prefixes() []Key {
	const own = "The key without the prefix, over which it wins: an app has one client for producer and consumer."
	return []Key{
		{producer, own}, {"consumer.", own}, {"main.consumer.", own + " It wins over consumer., too."},
		{"restore.consumer.", noClient}, {"global.consumer.", noClient}, {"admin.", noClient},
		{TopicPrefix, "A configuration of repartition topics and changelogs, with which they are made."},
	}
}

const noClient = "No effect: the client has the connection and security of all others, and sizes of its own."

// Split returns a key without the prefix of a client, and whether it had one of a client
// that has no keys of its own.
func Split(name string) (rest string, other bool) {
	for _, prefix := range apart {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest, true
		}
	}
	for _, prefix := range slices.Backward(merged) { // main.consumer. before consumer. is no matter
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest, false
		}
	}
	return name, false
}

// Translate returns the properties of a Kafka Streams app by the names that they have in
// a stream app. has reports whether a stream app has a key. What is neither such a key nor
// one with a prefix stays as it is. The errors are those of keys that are refused, which
// stay, too.
func Translate(props map[string]string, has func(name string) bool) (map[string]string, config.Errors) {
	out := maps.Clone(props)
	errs := refuse(props)
	for _, key := range prefixed(props, has) {
		value, err := valueOf(props, key)
		if err != nil {
			errs = append(errs, *err)
			continue
		}
		for _, prefix := range merged {
			delete(out, prefix+key)
		}
		out[key] = value
	}
	return out, errs
}

// prefixed returns the keys that there are with a prefix that is taken away.
func prefixed(props map[string]string, has func(string) bool) (keys []string) {
	for name := range props {
		for _, prefix := range merged {
			if key, ok := strings.CutPrefix(name, prefix); ok && has(key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// valueOf returns the value that a key has with prefixes.
func valueOf(props map[string]string, key string) (value string, err *config.KeyError) {
	from := ""
	for _, prefix := range merged {
		v, ok := props[prefix+key]
		if ok && from == producer && v != value {
			return "", &config.KeyError{Key: prefix + key, Value: config.ShownUndeclared(key, v), Message: "an app has one " +
				"client for producer and consumer, and " + producer + key + " is another value: give both the same"}
		}
		if ok {
			value, from = v, prefix
		}
	}
	return value, nil
}

// Topics returns the configurations of internal topics that the properties have.
func Topics(props map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range props {
		if key, ok := strings.CutPrefix(name, TopicPrefix); ok {
			out[key] = value
		}
	}
	return out
}
