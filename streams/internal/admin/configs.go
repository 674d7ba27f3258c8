package admin

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// additionalLag is how much longer than a store its changelog keeps versions, because the
// clocks of brokers and the times of records differ. It is Kafka Streams'.
const additionalLag = 24 * time.Hour

// timestampBounds are how far from the clock of a broker the timestamps of a topic may be. Brokers
// before Kafka 3.6 do not know them.
var timestampBounds = []string{"message.timestamp.before.max.ms", after}

// after is the bound ahead of the clock.
const after = "message.timestamp.after.max.ms"

// unbounded is the value of a bound that is none.
var unbounded = strconv.Itoa(math.MaxInt64)

// anyTime are the settings of a topic that keeps the timestamps of its records, whatever they are.
// Which ones are possible the app decides where it reads them; a topic of its own that refused a
// replay of old records, as the defaults of brokers may say, would stop it in the middle.
func anyTime() map[string]string {
	configs := map[string]string{"message.timestamp.type": "CreateTime"}
	for _, key := range timestampBounds {
		configs[key] = unbounded
	}
	return configs
}

// changelogConfig keeps the last record of each key, and of versions all that the store has.
// That of windows is not deleted by age, as it is in Kafka Streams: a broker goes by its
// clock, and when old records are replayed it would delete windows that the store still has.
// The app deletes what has expired itself, which Kafka allows only where it deletes, too.
func changelogConfig(s topology.Store) map[string]string {
	configs := anyTime()
	configs["cleanup.policy"] = "compact"
	switch {
	case s.Kind == kinds.Versioned:
		configs["min.compaction.lag.ms"] = strconv.FormatInt((s.Retention + additionalLag).Milliseconds(), 10)
	case s.Segment() > 0:
		configs["cleanup.policy"], configs["retention.ms"] = "compact,delete", "-1"
	}
	maps.Copy(configs, s.ChangelogConfig)
	return configs
}

// repartitionConfig keeps records until the app deletes them itself.
func repartitionConfig() map[string]string {
	configs := anyTime()
	configs["cleanup.policy"], configs["retention.ms"], configs["segment.bytes"] = "delete", "-1", "52428800"
	return configs
}

// create makes the topic. Brokers that do not know the bounds of timestamps have none by default.
func (t own) create(ctx context.Context, adm *kadm.Client) error {
	err := t.Create(ctx, adm)
	if !errors.Is(err, kerr.InvalidConfig) {
		return err
	}
	plain := t.Topic
	plain.Configs = maps.Clone(t.Configs)
	maps.DeleteFunc(plain.Configs, func(key, value string) bool {
		return slices.Contains(timestampBounds, key) && value == unbounded
	})
	if len(plain.Configs) < len(t.Configs) && plain.Create(ctx, adm) == nil {
		return nil
	}
	return err // which says what else is wrong
}
