package kafka

import (
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// consumerKeys are the keys of a member of a group that a stream thread does not
// have.
func consumerKeys() []config.Key {
	return append(resetKeys(), []config.Key{
		{Name: "group.id", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Consumer group; the runtime chooses it when it is empty."},
		{Name: "group.instance.id", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Name of a static group member, which keeps its partitions over a short restart."},
		{Name: "allow.auto.create.topics", Type: config.Boolean, Default: true, Importance: config.Low,
			Doc: "Whether the brokers may create a topic that is missing, which they do when their own " +
				"auto.create.topics.enable allows it. Otherwise its absence is an error."},
		{Name: "isolation.level", Type: config.String, Default: "read_committed", Importance: config.Medium,
			Valid: config.OneOf(false, "read_committed", "read_uncommitted"),
			Doc: "Whether to skip records of open and aborted transactions. Kafka's default is read_uncommitted, " +
				"which also delivers records that were never committed."},
	}...)
}

func resetKeys() []config.Key {
	return []config.Key{
		{Name: "auto.offset.reset", Type: config.String, Default: "earliest", Importance: config.Medium,
			Valid: config.OneOf(false, "earliest", "latest", "none"),
			Doc: "Where to start in a partition without a committed offset; none makes it an error. Kafka Connect " +
				"and Kafka Streams have this default too, and plain consumers latest."},
	}
}

// memberKeys are the keys of a member of a group.
func memberKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "max.poll.records", Type: config.Int, Default: 500, Valid: config.AtLeast(1), Importance: config.Medium,
			Doc: "The most records that are handed on at a time."},
		{Name: "max.poll.interval.ms", Type: config.Int, Default: 300000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a rebalance waits for a member to finish what it has begun; less than 100 counts as 100."},
		{Name: "session.timeout.ms", Type: config.Int, Default: 45000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a silent member keeps its partitions; less than 100 counts as 100."},
		{Name: "heartbeat.interval.ms", Type: config.Int, Default: 3000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How often a member tells the group that it is alive; must be smaller than session.timeout.ms."},
	}
}

func fetchKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "fetch.min.bytes", Type: config.Int, Default: 1, Valid: config.AtLeast(0), Importance: low,
			Doc: "How many bytes a broker collects before it answers a fetch."},
		{Name: "fetch.max.bytes", Type: config.Int, Valid: config.AtLeast(0), Importance: low,
			Doc: "The most bytes that a broker sends at a time, which bounds what a consumer buffers for each broker. " +
				"By default it is one part of 256 of memory.max.bytes, at least 1 MiB and at most 4 MiB, and not Kafka's " +
				"50 MiB, as each task has a consumer of its own. At most 1 GiB is used."},
		{Name: "fetch.max.wait.ms", Type: config.Int, Default: 500, Valid: config.AtLeast(0), Importance: low,
			Doc: "How long a broker waits for fetch.min.bytes; less than 10 counts as 10."},
		{Name: "max.partition.fetch.bytes", Type: config.Int, Valid: config.AtLeast(0), Importance: low,
			Doc: "The most bytes that a broker sends at a time of one partition. By default it is 1 MiB, as in Kafka, and " +
				"never more than fetch.max.bytes."},
		{Name: "client.rack", Type: config.String, Default: "", Valid: atMost(512), Importance: low,
			Doc: "Rack of this client, to fetch from a replica in the same rack."},
	}
}

// consumerOptions are the options of a consumer, except group.id and
// max.poll.records, which the caller applies.
func consumerOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	opts := slices.Concat(commonOptions(v, b), memberOptions(v), fetchOptions(v, b))
	opts = append(opts, kgo.ConsumeResetOffset(resetOffset(v.String("auto.offset.reset"))))
	if v.String("isolation.level") == "read_committed" {
		opts = append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	}
	if id := v.String("group.instance.id"); id != "" {
		opts = append(opts, kgo.InstanceID(id))
	}
	return opts
}

// memberOptions are the options of a member of a group.
func memberOptions(v config.Values) []kgo.Opt {
	return []kgo.Opt{
		kgo.RebalanceTimeout(max(v.Millis("max.poll.interval.ms"), minTimeout)),
		kgo.SessionTimeout(max(v.Millis("session.timeout.ms"), minTimeout)),
		kgo.HeartbeatInterval(v.Millis("heartbeat.interval.ms")),
	}
}

func fetchOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	size := min(b.Size(v, "fetch.max.bytes", memory.Fetch), maxTransfer)
	part := min(size, usualPartitionFetch)
	if v.IsSet("max.partition.fetch.bytes") {
		part = int64(bytesOf(v, "max.partition.fetch.bytes"))
	}
	opts := append(sizeOptions(size, part, b),
		kgo.FetchMinBytes(int32(v.Int("fetch.min.bytes"))),
		kgo.FetchMaxWait(max(v.Millis("fetch.max.wait.ms"), minFetchWait)),
	)
	if rack := v.String("client.rack"); rack != "" {
		opts = append(opts, kgo.Rack(rack))
	}
	return opts
}

// sizeOptions bound what a broker sends at a time, of all partitions and of one. An
// answer is refused when it is larger than all of that and the budget's share.
func sizeOptions(size, part int64, b *memory.Budget) []kgo.Opt {
	return []kgo.Opt{
		kgo.FetchMaxBytes(int32(size)),
		kgo.FetchMaxPartitionBytes(int32(part)),
		kgo.BrokerMaxReadBytes(int32(min(max(2*size, b.Of(memory.Response)), maxTransfer))),
	}
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
