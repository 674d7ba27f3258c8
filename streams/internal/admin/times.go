package admin

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// timestampType is the setting of a topic that says whose time its records have, and appendTime the
// value for that of the broker.
const timestampType, appendTime = "message.timestamp.type", "LogAppendTime"

// times looks at which timestamps topics take.
type times struct {
	adm     *kadm.Client
	ahead   time.Duration // how far ahead of the clock the app takes them, 0 for any
	brokers string        // that commands name
	log     *slog.Logger  // nil when nobody wants to know
}

// warn warns of internal topics in which brokers replace the timestamps of records by the
// time at which they come, or refuse some that the app takes. Kafka Streams takes such topics as they
// are, and makes them: it leaves bounds to brokers, which since 4.0 take an hour ahead of their clock.
// Whoever may not ask for configurations is not warned.
func (t times) warn(ctx context.Context, internal []own) {
	if len(internal) == 0 || t.log == nil {
		return
	}
	stores := map[string]string{}
	for _, topic := range internal {
		stores[topic.Name] = topic.store
	}
	configs, err := t.adm.DescribeTopicConfigs(ctx, sorted(stores)...)
	if err != nil {
		t.log.Debug("ask for the configuration of internal topics", "error", err)
		return
	}
	slices.SortFunc(configs, func(a, b kadm.ResourceConfig) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range configs {
		if setting(c, timestampType) == appendTime {
			t.warnOfAppendTime(c.Name, stores[c.Name] != "")
		} else if bounds := t.narrow(c); len(bounds) > 0 {
			t.warnOfBounds(c.Name, bounds)
		}
	}
}

// warnOfAppendTime warns of a topic whose records have the time of the broker. Windows and joins
// behind a repartition topic go by that, and so does what is restored from a changelog.
func (t times) warnOfAppendTime(topic string, changelog bool) {
	what := "windows and joins behind it go by the time at which its records came"
	if changelog {
		what = "state that is restored from it has the times at which it was written, so that windows expire and joins " +
			"meet otherwise than before"
	}
	t.log.Warn("an internal topic does not keep the timestamps of its records: "+what+"; set "+timestampType+
		"=CreateTime on it (kafka-configs.sh --alter --entity-type topics --entity-name TOPIC --add-config "+
		timestampType+"=CreateTime), and in topic."+timestampType+" of the app if that is set", "topic", topic)
}

// warnOfBounds warns of a topic that refuses records because of their timestamps.
func (t times) warnOfBounds(topic string, bounds []string) {
	t.log.Warn("an internal topic refuses records because of their timestamps: the records of the input that they are "+
		"made of become dead letters, or end the app; take the bounds away: kafka-configs.sh --bootstrap-server "+t.brokers+
		" --alter --entity-type topics --entity-name "+topic+" --add-config "+strings.Join(bounds, "="+unbounded+",")+"="+
		unbounded, "topic", topic)
}

// narrow returns the bounds of a topic that refuse timestamps which the app takes.
func (t times) narrow(c kadm.ResourceConfig) (keys []string) {
	for _, key := range timestampBounds {
		most, err := strconv.ParseInt(setting(c, key), 10, 64)
		far := most >= farthest.Milliseconds() || key == after && t.ahead > 0 && most >= t.ahead.Milliseconds()
		if err == nil && !far {
			keys = append(keys, key)
		}
	}
	return keys
}

// farthest is a bound that refuses nothing.
const farthest = 200 * 365 * 24 * time.Hour

// setting returns a setting of a topic, "" when the broker does not tell it.
func setting(c kadm.ResourceConfig, key string) string {
	for _, e := range c.Configs {
		if e.Key == key {
			return e.MaybeValue()
		}
	}
	return ""
}
