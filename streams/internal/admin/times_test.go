package admin_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

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

// An internal topic that refuses timestamps which the app takes is told, with the command that takes
// its bounds away.
func TestPrepareWarnsOfTopicsThatRefuseTimes(t *testing.T) {
	const after, before = "message.timestamp.after.max.ms", "message.timestamp.before.max.ms"
	for name, tt := range map[string]struct {
		configs map[string]string
		ahead   time.Duration
		want    string // "" for no warning
	}{
		"an hour ahead, as brokers have it":  {map[string]string{after: "3600000"}, 24 * time.Hour, after + "=9223372036854775807"},
		"as far as the app takes it":         {map[string]string{after: "3600000"}, time.Hour, ""},
		"a bound where the app takes all":    {map[string]string{after: "86400000"}, 0, after + "=9223372036854775807"},
		"nothing old":                        {map[string]string{before: "86400000"}, time.Hour, before + "=9223372036854775807"},
		"both":                               {map[string]string{before: "1", after: "1"}, time.Hour, before + "=9223372036854775807," + after + "=9223372036854775807"},
		"no bounds":                          {map[string]string{before: "9223372036854775807", after: "9223372036854775807"}, 0, ""},
		"a bound that no record comes up to": {map[string]string{before: "9223372036854775806"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			opts, adm := cluster(t, "in", "out")
			const topic = "app-counts-changelog"
			configs := map[string]*string{}
			for key, value := range tt.configs {
				configs[key] = &value
			}
			if _, err := adm.CreateTopics(t.Context(), 3, 1, configs, topic); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			o := admin.Options{Replication: 1, Ahead: tt.ahead, Brokers: "kafka:9092", Logger: slog.New(slog.NewTextHandler(&log, nil))}
			if _, err := admin.Prepare(t.Context(), opts, names, app(t), o); err != nil {
				t.Fatal(err)
			}
			want := "kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name " + topic + " --add-config " + tt.want + "\" topic=" + topic + "\n"
			if tt.want != "" && !strings.Contains(log.String(), want) {
				t.Errorf("the log has no %q:\n%s", want, &log)
			}
			if told := strings.Count(log.String(), "refuses records"); told != min(len(tt.want), 1) {
				t.Errorf("told of %d topics, want of %d:\n%s", told, min(len(tt.want), 1), &log)
			}
		})
	}
}
