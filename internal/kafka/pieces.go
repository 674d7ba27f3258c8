package kafka

import (
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Keys returns the keys of the role Admin.
func Keys() []config.Key { return commonKeys() }

// ProducerKeys returns the keys that a producer has beside Keys.
func ProducerKeys() []config.Key { return producerKeys() }

// ConsumerKeys returns the keys that a consumer has beside Keys.
func ConsumerKeys() []config.Key { return slices.Concat(consumerKeys(), memberKeys(), fetchKeys()) }

// Options returns the options of the role Admin.
func Options(v config.Values) ([]kgo.Opt, error) { return Admin.Options(v) }

// ProducerOptions returns the options of a producer, without security.
func ProducerOptions(v config.Values) []kgo.Opt { return producerOptions(v) }

// ConsumerOptions returns the options of a consumer, without security.
func ConsumerOptions(v config.Values) []kgo.Opt { return consumerOptions(v) }

// GroupOptions returns the options of a member of a group.
func GroupOptions(v config.Values) []kgo.Opt { return memberOptions(v) }
