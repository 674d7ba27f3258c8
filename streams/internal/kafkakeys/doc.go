// Package kafkakeys knows what the keys of a Kafka Streams app are in a stream app. Most
// are keys here too. Others have no effect, which package ignored knows, have a prefix for
// one of several clients, or ask for what there is not and are refused.
package kafkakeys
