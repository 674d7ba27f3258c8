package kafka

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ConsumerKeys returns the keys that a consumer has beside [Keys].
func ConsumerKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "group.id", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Consumer group; chosen by the runtime when empty."},
		{Name: "group.instance.id", Type: config.String, Default: "", Importance: low,
			Doc: "Name of a static group member, which keeps its partitions over a short restart."},
		{Name: "auto.offset.reset", Type: config.String, Default: "earliest", Importance: config.Medium,
			Valid: config.OneOf(false, "earliest", "latest", "none"),
			Doc:   "Where to begin in a partition without a committed offset; none makes it an error."},
		{Name: "isolation.level", Type: config.String, Default: "read_committed", Importance: config.Medium,
			Valid: config.OneOf(false, "read_committed", "read_uncommitted"),
			Doc:   "Whether to pass over records of open and aborted transactions."},
		{Name: "max.poll.records", Type: config.Int, Default: 500, Valid: config.AtLeast(1), Importance: config.Medium,
			Doc: "How many records are handed on at a time at most."},
		{Name: "max.poll.interval.ms", Type: config.Int, Default: 300000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a member may take to join a rebalance before it loses its partitions."},
		{Name: "session.timeout.ms", Type: config.Int, Default: 45000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a silent member keeps its partitions."},
		{Name: "heartbeat.interval.ms", Type: config.Int, Default: 3000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How often a member tells the group that it lives."},
		{Name: "fetch.min.bytes", Type: config.Int, Default: 1, Valid: config.AtLeast(0), Importance: low,
			Doc: "How much a broker collects before it answers a fetch."},
		{Name: "fetch.max.bytes", Type: config.Int, Default: 16 << 20, Valid: config.AtLeast(0), Importance: low,
			Doc: "How much a broker sends at a time, which bounds what a consumer buffers for each broker."},
		{Name: "fetch.max.wait.ms", Type: config.Int, Default: 500, Valid: config.AtLeast(0), Importance: low,
			Doc: "How long a broker waits for fetch.min.bytes."},
		{Name: "max.partition.fetch.bytes", Type: config.Int, Default: 1 << 20, Valid: config.AtLeast(0), Importance: low,
			Doc: "How much a broker sends at a time of each partition."},
		{Name: "client.rack", Type: config.String, Default: "", Importance: low,
			Doc: "Rack of this client, to fetch from a near replica."},
	}
}

// ConsumerOptions returns the options that the values of [ConsumerKeys] stand
// for, except group.id and max.poll.records, which the caller applies.
func ConsumerOptions(v config.Values) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.ConsumeResetOffset(resetOffset(v.String("auto.offset.reset"))),
		kgo.FetchMinBytes(int32(v.Int("fetch.min.bytes"))),
		kgo.FetchMaxBytes(int32(v.Int("fetch.max.bytes"))),
		kgo.FetchMaxPartitionBytes(int32(v.Int("max.partition.fetch.bytes"))),
		kgo.FetchMaxWait(v.Millis("fetch.max.wait.ms")),
	}
	if most := v.Long("fetch.max.bytes"); most > 64<<20 {
		opts = append(opts, kgo.BrokerMaxReadBytes(int32(min(2*most, 1<<31-1))))
	}
	if v.String("isolation.level") == "read_committed" {
		opts = append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	if rack := v.String("client.rack"); rack != "" {
		opts = append(opts, kgo.Rack(rack))
	}
	return opts
}

// GroupOptions returns the options of the values of [ConsumerKeys] that only
// a member of a group may have.
func GroupOptions(v config.Values) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.RebalanceTimeout(v.Millis("max.poll.interval.ms")),
		kgo.SessionTimeout(v.Millis("session.timeout.ms")),
		kgo.HeartbeatInterval(v.Millis("heartbeat.interval.ms")),
	}
	if id := v.String("group.instance.id"); id != "" {
		opts = append(opts, kgo.InstanceID(id))
	}
	return opts
}

func resetOffset(policy string) kgo.Offset {
	switch policy {
	case "latest":
		return kgo.NewOffset().AtEnd()
	case "none":
		return kgo.NoResetOffset()
	}
	return kgo.NewOffset().AtStart()
}
