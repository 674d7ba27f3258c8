package keys

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Distributed returns the names of the keys that only a distributed worker reads.
func Distributed() []string {
	var names []string
	for _, k := range distributedKeys() {
		names = append(names, k.Name)
	}
	return names
}

// distributedKeys are those of a worker that shares connectors with others.
func distributedKeys() []config.Key {
	return append(append(storageKeys(), groupKeys()...), signatureKeys()...)
}

// storageKeys name the topics that the workers of a group share, beside that of offsets.
func storageKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "config.storage.topic", Type: config.String, Default: "", Importance: config.High,
			Doc: "Compacted Kafka topic with one partition that keeps the configurations of connectors; it is created " +
				"when missing. Together with group.id it makes a worker without connector files a distributed one. All " +
				"workers of a group have the same topic, and no other group has it."},
		{Name: "config.storage.replication.factor", Type: config.Short, Default: 3, Valid: config.AtLeast(-1),
			Importance: low,
			Doc: "Number of replicas of config.storage.topic when it is created; -1 takes the broker's default. Other " +
				"keys that begin with config.storage. are settings of the topic when it is created."},
		{Name: "status.storage.topic", Type: config.String, Default: "", Importance: config.High,
			Doc: "Compacted Kafka topic that keeps what connectors and tasks do; it is created when missing. A " +
				"distributed worker needs it."},
		{Name: "status.storage.partitions", Type: config.Int, Default: 5, Valid: config.AtLeast(1), Importance: low,
			Doc: "Number of partitions of status.storage.topic when it is created."},
		{Name: "status.storage.replication.factor", Type: config.Short, Default: 3, Valid: config.AtLeast(-1),
			Importance: low,
			Doc: "Number of replicas of status.storage.topic when it is created; -1 takes the broker's default. Other " +
				"keys that begin with status.storage. are settings of the topic when it is created."},
	}
}

// The values of connect.protocol, from the oldest.
const (
	ProtocolEager      = "eager"
	ProtocolCompatible = "compatible"
	ProtocolSessioned  = "sessioned"
)

// groupKeys say how the workers of a group share their work.
func groupKeys() []config.Key {
	high, medium, low := config.High, config.Medium, config.Low
	return []config.Key{
		{Name: "session.timeout.ms", Type: config.Int, Default: 10000, Valid: config.AtLeast(1), Importance: high,
			Doc: "How long the brokers wait for a sign of life before they take a distributed worker for lost, in " +
				"milliseconds. The brokers' group.min.session.timeout.ms and group.max.session.timeout.ms bound it."},
		{Name: "heartbeat.interval.ms", Type: config.Int, Default: 3000, Valid: config.AtLeast(1), Importance: high,
			Doc: "How often a distributed worker gives a sign of life, in milliseconds; a third of session.timeout.ms at " +
				"most is usual."},
		{Name: "rebalance.timeout.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(1), Importance: high,
			Doc: "How long a distributed worker may take to stop what others shall run, in milliseconds, before the " +
				"group goes on without it."},
		{Name: "worker.sync.timeout.ms", Type: config.Int, Default: 3000, Valid: config.AtLeast(0), Importance: medium,
			Doc: "How long a distributed worker that knows older configurations than its group tries to catch up, in " +
				"milliseconds, before it leaves the group for worker.unsync.backoff.ms."},
		{Name: "worker.unsync.backoff.ms", Type: config.Int, Default: 300000, Valid: config.AtLeast(0),
			Importance: medium,
			Doc: "How long a distributed worker that could not catch up with the configurations stays out of the group, " +
				"in milliseconds."},
		{Name: "scheduled.rebalance.max.delay.ms", Type: config.Int, Default: 300000, Valid: config.AtLeast(0),
			Importance: low,
			Doc: "How long the connectors and tasks of a lost worker wait for it to come back, in milliseconds, before " +
				"others run them. What a worker that stops in good order had is moved after the same time."},
		{Name: "connect.protocol", Type: config.String, Default: ProtocolSessioned, Importance: low,
			Valid: config.OneOf(true, ProtocolEager, ProtocolCompatible, ProtocolSessioned),
			Doc: "How the workers of a group agree: sessioned moves only what must move and signs what workers say to " +
				"each other, compatible does not sign, and eager, Kafka Connect's oldest way, stops everything at each " +
				"change. The group takes what all its workers know."},
		{Name: "assignment.load.enable", Type: config.Boolean, Default: false, Importance: low,
			Doc: "Whether the leader divides tasks by how many records a second they read, instead of by number. It " +
				"does so while all workers of the group have true; with a Java worker among them it goes by number. " +
				"It needs connect.protocol=sessioned. Not known to Kafka Connect."},
		{Name: "assignment.load.interval.ms", Type: config.Long, Default: 300000, Valid: config.AtLeast(1000),
			Importance: low,
			Doc: "With assignment.load.enable, how often the workers tell the leader their loads, and the least time " +
				"between two moves of tasks for that reason alone, in milliseconds. The leader's counts. Not known to " +
				"Kafka Connect."},
	}
}

// hmacs are the algorithms of signatures, by Java's names.
var hmacs = []string{"HmacSHA1", "HmacSHA256", "HmacSHA384", "HmacSHA512"}

// signatureKeys say how workers prove to each other that they are of one group.
func signatureKeys() []config.Key {
	low := config.Low
	algorithm := config.OneOf(false, hmacs...)
	return []config.Key{
		{Name: "inter.worker.key.generation.algorithm", Type: config.String, Default: "HmacSHA256", Importance: low,
			Valid: algorithm,
			Doc:   "Algorithm that the key is made for with which workers sign what they say to each other."},
		{Name: "inter.worker.key.size", Type: config.Int, Default: 0, Valid: config.Between(0, 8192), Importance: low,
			Doc: "Length of that key in bits; 0 is that of the algorithm's hash."},
		{Name: "inter.worker.key.ttl.ms", Type: config.Int, Default: 3600000, Valid: config.AtLeast(1), Importance: low,
			Doc: "After how long that key is replaced, in milliseconds."},
		{Name: "inter.worker.signature.algorithm", Type: config.String, Default: "HmacSHA256", Importance: low,
			Valid: algorithm, Doc: "Algorithm with which this worker signs what it says to others."},
		{Name: "inter.worker.verification.algorithms", Type: config.List, Default: "HmacSHA256", Importance: low,
			Valid: config.Func("one or more of "+joined(hmacs), areHmacs),
			Doc: "Algorithms of signatures that this worker accepts, with commas between; " +
				"inter.worker.signature.algorithm must be among them."},
	}
}

// areHmacs accepts a list of known algorithms that is not empty.
func areHmacs(v any) error {
	list, _ := v.([]string)
	if len(list) == 0 {
		return errors.New("Value must name at least one algorithm")
	}
	for _, name := range list {
		if !slices.Contains(hmacs, name) {
			return fmt.Errorf("%q is not one of %s", name, joined(hmacs))
		}
	}
	return nil
}

func joined(names []string) string { return strings.Join(names, ", ") }
