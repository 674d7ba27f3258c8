package admin

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
)

// timestampType is the setting of a topic that says whose time its records have, and appendTime the
// value for that of the broker.
const timestampType, appendTime = "message.timestamp.type", "LogAppendTime"

// warnOfAppendTime warns of internal topics in which brokers replace the timestamps of records by the
// time at which they come: windows and joins behind a repartition topic go by that, and so does what
// is restored from a changelog. Kafka Streams takes them as they are, and so does the app. Whoever may
// not ask for configurations is not warned.
func warnOfAppendTime(ctx context.Context, adm *kadm.Client, internal []own, log *slog.Logger) {
	if len(internal) == 0 || log == nil {
		return
	}
	stores := map[string]string{}
	for _, topic := range internal {
		stores[topic.Name] = topic.store
	}
	configs, err := adm.DescribeTopicConfigs(ctx, sorted(stores)...)
	if err != nil {
		log.Debug("ask for the configuration of internal topics", "error", err)
		return
	}
	slices.SortFunc(configs, func(a, b kadm.ResourceConfig) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range configs {
		if !slices.ContainsFunc(c.Configs, func(e kadm.Config) bool {
			return e.Key == timestampType && e.MaybeValue() == appendTime
		}) {
			continue
		}
		what := "windows and joins behind it go by the time at which its records came"
		if stores[c.Name] != "" {
			what = "state that is restored from it has the times at which it was written, so that windows expire and joins " +
				"meet otherwise than before"
		}
		log.Warn("an internal topic does not keep the timestamps of its records: "+what+"; set "+timestampType+
			"=CreateTime on it (kafka-configs.sh --alter --entity-type topics --entity-name TOPIC --add-config "+
			timestampType+"=CreateTime), and in topic."+timestampType+" of the app if that is set", "topic", c.Name)
	}
}
