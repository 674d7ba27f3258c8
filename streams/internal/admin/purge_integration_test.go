//go:build integration

package admin

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// A broker deletes below an offset where a changelog is made as here, and refuses where it
// may only be compacted; then the log says what to set.
func TestBrokersDeleteFromChangelogsOfWindows(t *testing.T) {
	brokers := kafkatest.Real(t)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	windows := topology.Store{Spec: kinds.Spec{Name: "w", Kind: kinds.Window, Retention: time.Hour}}
	for name, c := range map[string]struct {
		config map[string]string
		start  int64
		told   int
	}{
		"as here":   {changelogConfig(windows), 2, 0},
		"compacted": {changelogConfig(topology.Store{}), 0, 1},
	} {
		topic := fmt.Sprintf("purge-%d-%s", time.Now().UnixNano(), strings.ReplaceAll(name, " ", "-"))
		configs := map[string]*string{}
		for k, v := range c.config {
			configs[k] = &v
		}
		if _, err := adm.CreateTopic(t.Context(), 1, 1, configs, topic); err != nil {
			t.Fatal(err)
		}
		defer func() { _, _ = adm.DeleteTopic(t.Context(), topic) }()
		for range 3 {
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte("v")})
		}
		var log strings.Builder
		p := &Purger{Log: slog.New(slog.NewTextHandler(&log, nil)),
			Expired: func(each func(topic string, partition int32, below int64)) { each(topic, 0, 2) }}
		if err := p.expire(t.Context(), adm); err != nil {
			t.Fatal(err)
		}
		starts, err := adm.ListStartOffsets(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		if o, _ := starts.Lookup(topic, 0); o.Offset != c.start {
			t.Errorf("%s: the changelog begins at %d, want %d", name, o.Offset, c.start)
		}
		if got := strings.Count(log.String(), "cleanup.policy=compact,delete"); got != c.told {
			t.Errorf("%s: the log names the configuration %d times, want %d", name, got, c.told)
		}
	}
}
