package kafka_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/twmb/franz-go/pkg/kgo"
)

var roles = map[string]kafka.Role{
	"admin": kafka.Admin, "producer": kafka.Producer, "consumer": kafka.Consumer, "stream": kafka.Stream,
}

// options parses properties by the role's keys and returns its options.
func options(t *testing.T, r kafka.Role, props map[string]string) ([]kgo.Opt, error) {
	t.Helper()
	v, err := r.Def().Parse(props)
	if err != nil {
		return nil, err
	}
	return r.Options(v, nil)
}

// client opens a client with the properties.
func client(t *testing.T, r kafka.Role, props map[string]string) *kgo.Client {
	t.Helper()
	opts, err := options(t, r, props)
	if err != nil {
		t.Fatalf("Options(%v): %v", props, err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatalf("NewClient(%v): %v", props, err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// numbers are the keys of a role that are numbers.
func numbers(r kafka.Role) (keys []config.Key) {
	for _, k := range r.Def().Keys() {
		if k.Type == config.Int || k.Type == config.Long {
			keys = append(keys, k)
		}
	}
	return keys
}

// What a role's keys accept, the client accepts as well, or the error names a
// key: nothing that can never work is found when a client is opened.
func TestValuesThatKeysAcceptOpenAClient(t *testing.T) {
	values := []int64{-1, 0, 1, 9, 99, 500, 1000, 2000, 60001, 3600001, 1 << 29, 1 << 30, math.MaxInt32, math.MaxInt64}
	for name, r := range roles {
		for _, k := range numbers(r) {
			for _, n := range values {
				props := map[string]string{k.Name: fmt.Sprint(n)}
				_, err := options(t, r, props)
				var errs config.Errors
				if err != nil && (!errors.As(err, &errs) || errs[0].Key == "") {
					t.Errorf("%s with %v: %v, want no error or one that names a key", name, props, err)
				}
			}
		}
		for _, key := range []string{"client.id", "client.rack"} {
			_, err := options(t, r, map[string]string{key: strings.Repeat("x", 600)})
			var errs config.Errors
			if _, has := r.Def().Key(key); has && (!errors.As(err, &errs) || errs[0].Key != key) {
				t.Errorf("%s with a %s of 600 bytes: %v, want an error for the key", name, key, err)
			}
		}
	}
}

// Kafka accepts these values; the client gets the nearest that it accepts.
func TestValuesThatKafkaAcceptsWork(t *testing.T) {
	for _, c := range []struct {
		role       kafka.Role
		key, value string
		option     any
		want       any
	}{
		{kafka.Admin, "metadata.max.age.ms", "2000", kgo.MetadataMaxAge, 2 * time.Second},
		{kafka.Admin, "metadata.max.age.ms", "100", kgo.MetadataMinAge, 100 * time.Millisecond},
		{kafka.Admin, "metadata.max.age.ms", "300000", kgo.MetadataMinAge, 250 * time.Millisecond},
		{kafka.Admin, "metadata.max.age.ms", "0", kgo.MetadataMaxAge, 100 * time.Millisecond},
		{kafka.Admin, "metadata.max.age.ms", "9223372036854775807", kgo.MetadataMaxAge, time.Hour},
		{kafka.Admin, "request.timeout.ms", "1234", kgo.RequestTimeoutOverhead, 1234 * time.Millisecond},
		{kafka.Admin, "request.timeout.ms", "0", kgo.RequestTimeoutOverhead, 100 * time.Millisecond},
		{kafka.Admin, "request.timeout.ms", "3600000", kgo.RequestTimeoutOverhead, 15 * time.Minute},
		{kafka.Admin, "connections.max.idle.ms", "-1", kgo.ConnIdleTimeout, 15 * time.Minute},
		{kafka.Admin, "connections.max.idle.ms", "1", kgo.ConnIdleTimeout, 100 * time.Millisecond},
		{kafka.Producer, "linger.ms", "9223372036854775807", kgo.ProducerLinger, time.Minute},
		{kafka.Producer, "max.request.size", "2147483647", kgo.ProducerBatchMaxBytes, int32(1 << 30)},
		{kafka.Producer, "max.request.size", "1073741824", kgo.BrokerMaxWriteBytes, int32(1 << 30)},
		{kafka.Producer, "max.in.flight.requests.per.connection", "5", kgo.MaxProduceRequestsInflightPerBroker, 1},
		{kafka.Consumer, "fetch.max.bytes", "2147483647", kgo.BrokerMaxReadBytes, int32(1 << 30)},
		{kafka.Consumer, "fetch.max.bytes", "1024", kgo.BrokerMaxReadBytes, int32(100 << 20)},
		{kafka.Consumer, "fetch.max.wait.ms", "0", kgo.FetchMaxWait, 10 * time.Millisecond},
		{kafka.Consumer, "max.poll.interval.ms", "1", kgo.RebalanceTimeout, 100 * time.Millisecond},
		{kafka.Stream, "fetch.max.bytes", "2147483647", kgo.FetchMaxBytes, int32(1 << 30)},
		{kafka.Stream, "metadata.max.age.ms", "2000", kgo.MetadataMaxAge, 2 * time.Second},
	} {
		cl := client(t, c.role, map[string]string{c.key: c.value})
		got := cl.OptValue(c.option)
		if size, ok := got.(func(string) int32); ok {
			got = size("t")
		}
		if got != c.want {
			t.Errorf("%s=%s: the client got %v, want %v", c.key, c.value, got, c.want)
		}
	}
}

func TestRulesBetweenKeysNameThem(t *testing.T) {
	for _, c := range []struct {
		role  kafka.Role
		props map[string]string
		want  string // "" is accepted
	}{
		{kafka.Consumer, map[string]string{"heartbeat.interval.ms": "6000", "session.timeout.ms": "6000"},
			"Invalid value 6000 for configuration heartbeat.interval.ms: must be smaller than session.timeout.ms (6000)"},
		{kafka.Stream, map[string]string{"heartbeat.interval.ms": "45000"},
			"Invalid value 45000 for configuration heartbeat.interval.ms: must be smaller than session.timeout.ms (45000)"},
		{kafka.Consumer, map[string]string{"heartbeat.interval.ms": "5999", "session.timeout.ms": "6000"}, ""},
		{kafka.Producer, map[string]string{"delivery.timeout.ms": "30019"},
			"Invalid value 30019 for configuration delivery.timeout.ms: must not be smaller than linger.ms (20) and " +
				"request.timeout.ms (30000) together"},
		{kafka.Producer, map[string]string{"delivery.timeout.ms": "30020"}, ""},
		{kafka.Producer, map[string]string{"delivery.timeout.ms": "0", "linger.ms": "0", "request.timeout.ms": "0"}, ""},
		{kafka.Producer, map[string]string{"delivery.timeout.ms": "2147483647", "linger.ms": "9223372036854775807"}, ""},
		{kafka.Producer, map[string]string{"linger.ms": "9223372036854775807"}, ""},
	} {
		_, err := options(t, c.role, c.props)
		if got := fmt.Sprint(err); c.want != "" && got != c.want || c.want == "" && err != nil {
			t.Errorf("Options(%v) = %v, want %q", c.props, err, c.want)
		}
	}
}

// Everything that is wrong is reported at once: a login, an address and a rule.
func TestOptionsReportsRulesAndSecurityTogether(t *testing.T) {
	_, err := options(t, kafka.Consumer, map[string]string{"bootstrap.servers": "kafka1",
		"security.protocol":     "SASL_PLAINTEXT",
		"heartbeat.interval.ms": "45000"})
	var errs config.Errors
	errors.As(err, &errs)
	var got []string
	for _, e := range errs {
		got = append(got, e.Key)
	}
	want := []string{"bootstrap.servers", "sasl.mechanism", "sasl.jaas.config", "heartbeat.interval.ms"}
	if !slices.Equal(got, want) {
		t.Errorf("errors are for %q, want %q", got, want)
	}
}

func TestEveryCompressionReachesTheClient(t *testing.T) {
	want := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	key, _ := kafka.Producer.Def().Key("compression.type")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if err := key.Valid.Check(name); err != nil {
			t.Errorf("compression.type=%s: %v, want it accepted", name, err)
			continue
		}
		cl := client(t, kafka.Producer, map[string]string{"compression.type": name})
		got, _ := cl.OptValue(kgo.ProducerBatchCompression).([]kgo.CompressionCodec)
		if !slices.Equal(got, []kgo.CompressionCodec{want[name]}) {
			t.Errorf("compression.type=%s: the client got %v, want %v", name, got, want[name])
		}
		_, ours := cl.OptValue(kgo.WithCompressor).(*lz4.Compressor)
		if ours != (name == "lz4") {
			t.Errorf("compression.type=%s: the client compresses with package lz4: %v", name, ours)
		}
	}
}

// A key means the same in every role. It has the same default too, except where Kafka
// Streams has one of its own.
func TestRolesAgreeOnTheirKeys(t *testing.T) {
	own := map[string]string{"max.poll.records": "4000", "transaction.timeout.ms": "10000"}
	for _, k := range kafka.Stream.Def().Keys() {
		got, _ := k.DefaultText()
		for _, r := range []kafka.Role{kafka.Admin, kafka.Producer, kafka.Consumer} {
			other, ok := r.Def().Key(k.Name)
			want, _ := other.DefaultText()
			if own[k.Name] != "" {
				want = own[k.Name]
			}
			if ok && (got != want || k.Type != other.Type) {
				t.Errorf("%s is %s by default with streams, want %s", k.Name, got, want)
			}
		}
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	for name, r := range roles {
		for _, k := range r.Def().Keys() {
			if k.Doc == "" {
				t.Errorf("%s of role %s has no doc", k.Name, name)
			}
		}
	}
}

func TestDefIsBuiltOnce(t *testing.T) {
	for name, r := range roles {
		if first, second := r.Def(), r.Def(); first != second {
			t.Errorf("role %s builds its Def at each call", name)
		}
	}
}
