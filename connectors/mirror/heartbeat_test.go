package mirror_test

import (
	"testing"
	"time"

	"github.com/suiro/suiro/connectors/mirror/internal/formats"
)

func TestHeartbeatsAreWrittenNowAndThen(t *testing.T) {
	f := newFlow(t, nil)
	began := time.Now()
	props := map[string]string{"name": "h", "connector.class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
		"source.cluster.alias": "east", "target.cluster.alias": "west", "heartbeats.topic.replication.factor": "1"}
	for key, value := range f.Properties() {
		props["target.cluster."+key] = value
	}
	f.Start(props)
	before := int64(0)
	for _, r := range f.Consume("heartbeats", 3) {
		h, err := formats.ParseHeartbeat(r.Key, r.Value)
		if err != nil || h.Source != "east" || h.Target != "west" || h.Timestamp != r.Timestamp.UnixMilli() {
			t.Errorf("heartbeat %+v, %v, of a record of %v", h, err, r.Timestamp)
		}
		if h.Timestamp-before < 900 || h.Timestamp < began.UnixMilli() {
			t.Errorf("a heartbeat of %d after one of %d, want one a second", h.Timestamp, before)
		}
		before = h.Timestamp
	}
}

func TestHeartbeatsCanBeSwitchedOff(t *testing.T) {
	f := newFlow(t, nil)
	props := map[string]string{"name": "h", "connector.class": "MirrorHeartbeat", "source.cluster.alias": "east",
		"emit.heartbeats.enabled": "false"}
	for key, value := range f.Properties() {
		props["target.cluster."+key] = value
	}
	f.Start(props)
	f.Eventually("the connector runs", func() bool { return f.Status("h").Connector.State == "RUNNING" })
	if tasks := f.Status("h").Tasks; len(tasks) != 0 || f.exists("heartbeats") {
		t.Errorf("there are %d tasks, and the topic heartbeats exists: %v, want neither", len(tasks), f.exists("heartbeats"))
	}
}
