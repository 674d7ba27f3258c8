package admin_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/topology"
)

var names = admin.Names{ApplicationID: "app", Internal: map[string]bool{"by-key-repartition": true}}

// app reads "in", repartitions, counts in a store and writes "out".
func app(t *testing.T) *topology.Topology {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s0", Topic: "in"})
	g.AddSink(topology.Sink{Name: "k0", Topic: "by-key-repartition", Internal: true}, "s0")
	g.AddSource(topology.Source{Name: "s1", Topic: "by-key-repartition", Internal: true})
	g.AddProcessor(topology.Processor{Name: "p1", Stores: []topology.Store{{Spec: kinds.Spec{Name: "counts"}}}}, "s1")
	g.AddSink(topology.Sink{Name: "k1", Topic: "out"}, "p1")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// cluster starts an embedded broker with topics of three partitions.
func cluster(t *testing.T, topics ...string) ([]kgo.Opt, *kadm.Client) {
	t.Helper()
	c := kafkatest.Start(t, kfake.SeedTopics(3, topics...))
	opts := []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}
	return opts, kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
}

func TestPrepareMakesTheAppsTopics(t *testing.T) {
	opts, adm := cluster(t, "in", "out")
	options := admin.Options{Replication: 1, DeadLetters: "dlq", Configs: map[string]string{"max.message.bytes": "2000000"}}
	for range 2 { // the second time they are there
		plan, err := admin.Prepare(t.Context(), opts, names, app(t), options)
		if err != nil {
			t.Fatal(err)
		}
		if want := []int32{3, 3}; !slices.Equal(plan.Partitions, want) {
			t.Errorf("partitions %v, want %v", plan.Partitions, want)
		}
		if plan.Sources["in"] != 0 || plan.Sources["app-by-key-repartition"] != 1 || len(plan.Sources) != 2 {
			t.Errorf("sources %v", plan.Sources)
		}
	}
	topics, err := adm.ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]int{"app-by-key-repartition": 3, "app-counts-changelog": 3, "dlq": 1} {
		if got := len(topics[topic].Partitions); got != want {
			t.Errorf("%s has %d partitions, want %d", topic, got, want)
		}
	}
	const unbounded = "9223372036854775807"
	checkConfig(t, adm, "app-counts-changelog", map[string]string{"cleanup.policy": "compact", "max.message.bytes": "2000000",
		"message.timestamp.type": "CreateTime", "message.timestamp.before.max.ms": unbounded, "message.timestamp.after.max.ms": unbounded})
	checkConfig(t, adm, "app-by-key-repartition",
		map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": "2000000",
			"message.timestamp.type": "CreateTime", "message.timestamp.before.max.ms": unbounded, "message.timestamp.after.max.ms": unbounded})
}

// Brokers of before Kafka 3.6 do not know how far from their clock timestamps may be: the topics
// are made without. What the configuration of the app says of it is an error there.
func TestPrepareWorksWithBrokersThatDoNotKnowAllSettings(t *testing.T) {
	const unknown = "message.timestamp.after.max.ms"
	for _, said := range []string{"", "1000"} {
		c := kafkatest.Start(t, kfake.SeedTopics(3, "in", "out"))
		c.ControlKey(kmsg.CreateTopics.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			req := r.(*kmsg.CreateTopicsRequest)
			resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
			for _, topic := range req.Topics {
				if !slices.ContainsFunc(topic.Configs, func(c kmsg.CreateTopicsRequestTopicConfig) bool { return c.Name == unknown }) {
					continue
				}
				why := "Unknown topic config name: " + unknown
				refused := kmsg.NewCreateTopicsResponseTopic()
				refused.Topic, refused.ErrorCode, refused.ErrorMessage = topic.Topic, kerr.InvalidConfig.Code, &why
				resp.Topics = append(resp.Topics, refused)
			}
			return resp, nil, len(resp.Topics) > 0
		})
		o := admin.Options{Replication: 1, Configs: map[string]string{"segment.ms": "60000"}}
		if said != "" {
			o.Configs[unknown] = said
		}
		_, err := admin.Prepare(t.Context(), []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}, names, app(t), o)
		switch {
		case said == "" && err != nil:
			t.Errorf("Prepare() = %v, want nil", err)
		case said != "" && (err == nil || !strings.Contains(err.Error(), "Unknown topic config name")):
			t.Errorf("Prepare() with %s = %v, want the broker's error", unknown, err)
		case said == "":
			adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
			checkConfig(t, adm, "app-by-key-repartition", map[string]string{"cleanup.policy": "delete", "retention.ms": "-1",
				"message.timestamp.type": "CreateTime", "segment.ms": "60000"})
		}
	}
}

// A changelog is configured by what its store keeps, and by what the topology says of it.
func TestChangelogsAreConfiguredByTheirStores(t *testing.T) {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s0", Topic: "in"})
	g.AddProcessor(topology.Processor{Name: "p0", Stores: []topology.Store{
		{Spec: kinds.Spec{Name: "windows", Kind: kinds.TimestampedWindow, Retention: time.Hour}},
		{Spec: kinds.Spec{Name: "versions", Kind: kinds.Versioned, Retention: time.Hour}},
		{Spec: kinds.Spec{Name: "rows"}, ChangelogConfig: map[string]string{"segment.bytes": "1048576",
			"cleanup.policy": "compact,delete"}},
	}}, "s0")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	opts, adm := cluster(t, "in")
	if _, err := admin.Prepare(t.Context(), opts, names, topo, admin.Options{Replication: 1}); err != nil {
		t.Fatal(err)
	}
	checkConfig(t, adm, "app-windows-changelog", map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "-1"})
	checkConfig(t, adm, "app-versions-changelog", map[string]string{"cleanup.policy": "compact",
		"min.compaction.lag.ms": "90000000"})
	checkConfig(t, adm, "app-rows-changelog", map[string]string{"cleanup.policy": "compact,delete",
		"segment.bytes": "1048576"})
}

func checkConfig(t *testing.T, adm *kadm.Client, topic string, want map[string]string) {
	t.Helper()
	configs, err := adm.DescribeTopicConfigs(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs[0].Configs {
		if value, ok := want[c.Key]; ok && c.MaybeValue() != value {
			t.Errorf("%s: %s is %s, want %s", topic, c.Key, c.MaybeValue(), value)
		}
		delete(want, c.Key)
	}
	if len(want) > 0 {
		t.Errorf("%s: no %v", topic, want)
	}
}

func TestPrepareNamesEveryMissingTopic(t *testing.T) {
	opts, adm := cluster(t)
	_, err := admin.Prepare(t.Context(), opts, names, app(t),
		admin.Options{Replication: 1, Brokers: "kafka1:9092,kafka2:9092"})
	for _, want := range []string{
		"input topic in does not exist\n",
		"output topic out does not exist\n",
		"set create.topics=true (--create-topics on the command line)",
		"suiro topics create --bootstrap-servers kafka1:9092,kafka2:9092 --partitions 4 in\n",
		"suiro topics create --bootstrap-servers kafka1:9092,kafka2:9092 --partitions 4 out\n",
		"kafka-topics.sh --bootstrap-server kafka1:9092,kafka2:9092 --create --partitions 4 --topic in\n",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q:\n%v", want, err)
		}
	}
	topics, err := adm.ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(topics) != 0 {
		t.Errorf("topics %v were made all the same", topics.Names())
	}
}

// A name that is nearly that of a topic is told.
func TestMissingTopicsNameTheNearest(t *testing.T) {
	opts, _ := cluster(t, "inn", "out")
	_, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 1})
	if want := "input topic in does not exist (did you mean inn?)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// With CreateTopics the topics of others are made too: an input with the broker's
// number of partitions, an output with as many as what writes it.
func TestPrepareMakesTheTopicsOfOthersWhenTold(t *testing.T) {
	for _, tt := range []struct {
		name      string
		exist     []string
		asked     int32
		in, out   int
		created   []string
		partition []int32
	}{
		{"none exists", nil, -1, 10, 10, []string{"in", "out"}, []int32{10, 10}},
		{"a number is given", nil, 5, 5, 5, []string{"in", "out"}, []int32{5, 5}},
		{"the input exists", []string{"in"}, -1, 3, 3, []string{"out"}, []int32{3, 3}},
		{"both exist", []string{"in", "out"}, 5, 3, 3, nil, []int32{3, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts, adm := cluster(t, tt.exist...)
			plan, err := admin.Prepare(t.Context(), opts, names, app(t),
				admin.Options{Replication: 1, CreateTopics: true, Partitions: tt.asked})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(plan.Created, tt.created) || !slices.Equal(plan.Partitions, tt.partition) {
				t.Errorf("created %v with partitions %v, want %v with %v", plan.Created, plan.Partitions, tt.created, tt.partition)
			}
			topics, err := adm.ListTopics(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for topic, want := range map[string]int{"in": tt.in, "out": tt.out} {
				if got := len(topics[topic].Partitions); got != want {
					t.Errorf("%s has %d partitions, want %d", topic, got, want)
				}
			}
		})
	}
}

// A topic that is made a moment before the app starts is found.
func TestPrepareWaitsALittleForTopics(t *testing.T) {
	opts, adm := cluster(t, "in")
	done := make(chan error, 1)
	go func() {
		_, err := admin.Prepare(context.Background(), opts, names, app(t), admin.Options{Replication: 1})
		done <- err
	}()
	if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "out"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Prepare: %v", err)
	}
}

func TestPrepareEndsWithItsContext(t *testing.T) {
	opts, _ := cluster(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := admin.Prepare(ctx, opts, names, app(t), admin.Options{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Prepare ended with %v, want to end with the context", err)
	}
}

// An internal topic with other partitions than the input would send keys to
// tasks that do not know them.
func TestPrepareRefusesChangedPartitions(t *testing.T) {
	for _, topic := range []string{"app-counts-changelog"} {
		opts, adm := cluster(t, "in", "out")
		if _, err := adm.CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
		_, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 1})
		for _, want := range []string{topic, "has 2 partitions and 3 are needed", "reset the app"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		}
	}
}

func TestPrepareNamesTopicsItCannotMake(t *testing.T) {
	opts, _ := cluster(t, "in", "out")
	_, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 3})
	for _, want := range []string{"app-by-key-repartition", "3 partitions", "3 replicas", "set replication.factor"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{"in": "in", "by-key-repartition": "app-by-key-repartition"} {
		if got := names.Topic(in); got != want {
			t.Errorf("Topic(%s) = %s, want %s", in, got, want)
		}
	}
	if got, want := names.Changelog("counts"), "app-counts-changelog"; got != want {
		t.Errorf("Changelog(counts) = %s, want %s", got, want)
	}
}

// A broker that is started again while an app starts refuses connections for a while.
func TestPrepareWaitsForABrokerThatIsStartedAgain(t *testing.T) {
	opts, _ := cluster(t, "in", "out")
	var dials atomic.Int64
	opts = append(opts, kgo.Dialer(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) <= 5 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}))
	_, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 1})
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("without patience Prepare() = %v, want that the connection is refused", err)
	}
	plan, err := admin.Prepare(t.Context(), opts, names, app(t), admin.Options{Replication: 1, Patience: time.Minute})
	if err != nil || plan.Topics["in"] == 0 || dials.Load() <= 5 {
		t.Errorf("after %d connections Prepare() = %v, %v, want the topics", dials.Load(), plan, err)
	}
}
