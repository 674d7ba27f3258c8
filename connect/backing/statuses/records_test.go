package statuses

import (
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
)

// What a Java worker 4.3.1 has written, as it was in its topic.
func TestValuesAreThoseOfAJavaWorker(t *testing.T) {
	for _, want := range []string{
		`{"state":"RUNNING","trace":null,"worker_id":"127.0.0.1:29613","generation":3,"version":"4.3.1"}`,
		`{"state":"UNASSIGNED","trace":null,"worker_id":"127.0.0.1:29613","generation":8,"version":null}`,
		`{"state":"FAILED","trace":"org.apache.kafka.connect.errors.ConnectException: Couldn't find '/nosuch'\n\tat a.B.c(B.java:74)\n","worker_id":"w:1","generation":5,"version":"4.3.1"}`,
	} {
		s, err := decode([]byte(want))
		if err != nil {
			t.Errorf("decode(%s) = %v", want, err)
		}
		if got, err := encode(s); err != nil || string(got) != want {
			t.Errorf("encode = %s, %v, want %s", got, err, want)
		}
	}
	const want = `{"topic":{"name":"lines","connector":"src-1-x","task":0,"discoverTimestamp":1795919812403}}`
	topic, err := decodeTopic("src-1-x", "lines", []byte(want))
	if err != nil || topic != (Topic{"lines", "src-1-x", 0, time.UnixMilli(1795919812403)}) {
		t.Errorf("decodeTopic = %+v, %v", topic, err)
	}
	if got, err := encodeTopic(topic); err != nil || string(got) != want {
		t.Errorf("encodeTopic = %s, %v, want %s", got, err, want)
	}
	if got, want := topicKey("src-1-x", "lines"), "status-topic-lines:connector-src-1-x"; got != want {
		t.Errorf("topicKey = %s, want %s", got, want)
	}
	if got, want := taskKey(api.TaskID{Connector: "src-1-x", Task: 12}), "status-task-src-1-x-12"; got != want {
		t.Errorf("taskKey = %s, want %s", got, want)
	}
}

func TestWhatIsNoStatusIsLeftAlone(t *testing.T) {
	const good = `{"state":"RUNNING","trace":null,"worker_id":"w:1","generation":3}`
	table := newTable()
	for _, key := range []string{"status-connector-a", "status-task-a-0", "status-topic-t:connector-a"} {
		value := good
		if strings.Contains(key, "topic") {
			value = `{"topic":{"task":0}}`
		}
		if err := table.apply(key, []byte(value)); err != nil {
			t.Fatalf("apply(%s) = %v", key, err)
		}
		for _, bad := range []string{"", "null", "7", "[]", "{}", `{"state":"SLEEPING","worker_id":"w","generation":1}`,
			`{"state":"RUNNING","worker_id":"w","generation":99999999999}`, `{"topic":null}`, `{"topic":{"task":1e30}}`} {
			if err := table.apply(key, []byte(bad)); err == nil {
				t.Errorf("apply(%s, %s) = nil, want an error", key, bad)
			}
		}
	}
	for _, key := range []string{"", "status-connector-", "status-task-a", "status-task-a-x", "status-task-a--1x", "status-topic-t",
		"status-topic-:connector-a", "status-topic-t:connector-", "session-key"} {
		if err := table.apply(key, []byte(good)); err == nil {
			t.Errorf("apply(%q) = nil, want an error", key)
		}
	}
	if len(table.connectors) != 1 || table.connectors["a"].State != api.Running || len(table.tasks["a"]) != 1 || len(table.topics["a"]) != 1 {
		t.Errorf("table = %+v, want what was there before", table)
	}
}

// FuzzApply checks that no record of the topic makes a reader panic, and that what is
// read is written and read as the same.
func FuzzApply(f *testing.F) {
	f.Add("status-connector-a", []byte(`{"state":"RUNNING","trace":null,"worker_id":"w:1","generation":3,"version":"1"}`))
	f.Add("status-task-a-0", []byte(`{"state":"FAILED","trace":"x","worker_id":"w:1","generation":-3}`))
	f.Add("status-topic-t:connector-a", []byte(`{"topic":{"name":"t","connector":"a","task":0,"discoverTimestamp":1}}`))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		table := newTable()
		if table.apply(key, value) != nil {
			return
		}
		for name, s := range table.connectors {
			text, err := encode(s)
			if err != nil {
				t.Fatalf("encode(%+v) = %v", s, err)
			}
			again := newTable()
			if err := again.apply(connectorPrefix+name, text); err != nil || again.connectors[name] != s {
				t.Fatalf("%+v became %+v, %v", s, again.connectors[name], err)
			}
		}
	})
}
