package app

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/internal/kafkakeys"
	"github.com/suiro/suiro/streams/internal/properties"
)

// The values of processing.guarantee.
const (
	ExactlyOnceV2 = properties.ExactlyOnceV2
	AtLeastOnce   = properties.AtLeastOnce
)

// Config declares the keys of a stream app, by Kafka Streams' names. Producer
// and consumer keys need no prefix: an app has one client for each thread. It is
// the same at each call.
func Config() *config.Def { return properties.Def() }

// Translate returns the properties of a Kafka Streams app by the names that they have
// here: without the prefixes of its clients, which are one here. The errors are those of
// keys with values that ask for what there is not. [New] translates what it is given; a
// program that looks at properties before does it itself.
func Translate(props map[string]string) (map[string]string, config.Errors) {
	return properties.Translate(props)
}

// Ignored reports whether name is a key of Kafka Streams that has no effect in a
// stream app, and why. [New] logs a warning for such a key and refuses other
// unknown keys. The keys of [Translate] that it does not refuse have none either, and are
// as the app is: why is empty, and nothing is logged.
func Ignored(name string) (why string, ok bool) { return properties.Ignored(name) }

// KafkaStreamsKey is a key of Kafka Streams, or what such keys begin with.
type KafkaStreamsKey = kafkakeys.Key

// KafkaStreamsKeys returns every key of Kafka Streams, and the prefixes of keys of its
// clients and topics, with what they are here.
func KafkaStreamsKeys() []KafkaStreamsKey { return kafkakeys.All(properties.IsKey) }
