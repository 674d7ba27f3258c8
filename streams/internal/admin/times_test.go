package admin_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams/internal/admin"
)

// An internal topic in which brokers replace timestamps is told, with what to do.
func TestPrepareWarnsOfTopicsWithTheTimeOfTheBroker(t *testing.T) {
	opts, adm := cluster(t, "in", "out")
	appendTime := "LogAppendTime"
	other := map[string]*string{"message.timestamp.type": &appendTime}
	if _, err := adm.CreateTopics(t.Context(), 3, 1, other, "app-counts-changelog", "other-counts-changelog"); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		configs map[string]string
		want    map[string]bool // topics that are told of
	}{
		"made by hand": {nil, map[string]bool{"app-counts-changelog": true}},
		"as the properties say it": {map[string]string{"message.timestamp.type": appendTime},
			map[string]bool{"app-counts-changelog": true, "app-by-key-repartition": true}},
	} {
		if _, err := adm.DeleteTopics(t.Context(), "app-by-key-repartition"); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		o := admin.Options{Replication: 1, Configs: tt.configs, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		if _, err := admin.Prepare(t.Context(), opts, names, app(t), o); err != nil {
			t.Fatal(err)
		}
		for _, topic := range []string{"app-counts-changelog", "app-by-key-repartition", "other-counts-changelog", "in"} {
			if got := strings.Contains(log.String(), "topic="+topic); got != tt.want[topic] {
				t.Errorf("%s: told of %s: %v, want %v:\n%s", name, topic, got, tt.want[topic], &log)
			}
		}
		if !strings.Contains(log.String(), "--add-config message.timestamp.type=CreateTime") {
			t.Errorf("%s: the warning does not say what to do:\n%s", name, &log)
		}
	}
}
