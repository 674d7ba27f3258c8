package configs

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

// javaRecords are what a Java worker 4.3.1 has written, as it was in its topic.
var javaRecords = []record{
	{"session-key", []byte(`{"key":"b5YlwbXqLYPX18/hAhZ52B7mz8norlNGiUXa+3i02d0=","algorithm":"HmacSHA256","creation-timestamp":1795919794592}`)},
	{"connector-src-1-x", []byte(`{"properties":{"connector.class":"FileStreamSource","empty":"","x.note":"é <a href=\"x\">/\\ \u0001` + "\x7f\u2028" + ` \uD83D\uDE00\ttab"}}`)},
	{"target-state-snk", []byte(`{"state":"PAUSED","state.v2":"STOPPED"}`)},
	{"connector-snk", []byte(`{"properties":{"connector.class":"FileStreamSink","name":"snk"}}`)},
	{"task-src-1-x-0", []byte(`{"properties":{"file":"/in.txt","task.class":"org.apache.kafka.connect.file.FileStreamSourceTask"}}`)},
	{"commit-src-1-x", []byte(`{"tasks":1}`)},
	{"target-state-src-1-x", []byte(`{"state":"STARTED","state.v2":"STARTED"}`)},
	{"restart-connector-snk", []byte(`{"include-tasks":true,"only-failed":false}`)},
	{"tasks-fencing-src-1-x", []byte(`{"task-count":1}`)},
	{"logger-cluster-org.foo", []byte(`{"level":"DEBUG"}`)},
	{"commit-snk", []byte(`{"tasks":0}`)},
	{"connector-snk", nil},
	{"target-state-snk", nil},
}

func applyAll(t *testing.T, m *machine, records ...record) (updates []Update) {
	t.Helper()
	offset := m.snapshot().Offset
	for i, r := range records {
		u, err := m.apply(max(offset, 0)+int64(i), r)
		if err != nil {
			t.Errorf("apply(%s, %s) = %v", r.key, r.value, err)
		}
		updates = append(updates, u)
	}
	return updates
}

func TestRecordsOfAJavaWorkerAreUnderstood(t *testing.T) {
	m := newMachine()
	updates := applyAll(t, m, javaRecords...)
	var kinds []UpdateKind
	for _, u := range updates {
		kinds = append(kinds, u.Kind)
	}
	want := []UpdateKind{SessionKeyChanged, ConnectorChanged, 0, ConnectorChanged, 0, TasksChanged, 0, RestartRequested,
		TasksFenced, LoggerChanged, TasksChanged, ConnectorRemoved, 0}
	if !slices.Equal(kinds, want) {
		t.Errorf("updates = %v, want the kinds %v", updates, want)
	}
	s := m.snapshot()
	if s.Offset != int64(len(javaRecords)) || !slices.Equal(s.Names(), []string{"src-1-x"}) || s.Targets["src-1-x"] != Started ||
		s.FencedTasks["src-1-x"] != 1 || s.PendingFencing["src-1-x"] || len(s.SessionKey.Key) != 32 || s.SessionKey.Created != 1795919794592 {
		t.Errorf("snapshot = %+v", s)
	}
	if got, want := s.Connectors["src-1-x"]["x.note"], "é <a href=\"x\">/\\ \x01\x7f\u2028 😀\ttab"; got != want {
		t.Errorf("x.note = %q, want %q", got, want)
	}
	if got, want := s.TaskIDs("src-1-x"), []api.TaskID{{Connector: "src-1-x"}}; !slices.Equal(got, want) {
		t.Errorf("tasks = %v, want %v", got, want)
	}
	if got, want := s.Tasks[api.TaskID{Connector: "src-1-x"}]["file"], "/in.txt"; got != want {
		t.Errorf("file of the task = %q, want %q", got, want)
	}
}

// Of what was understood the same bytes are written. Java's order of properties is that
// of its maps; here they are sorted, so the examples are.
func TestWhatIsWrittenHasTheBytesOfAJavaWorker(t *testing.T) {
	m := newMachine()
	var all []string
	l := &memoryLog{machine: m}
	s := &Store{m, keeper{l, &all}}
	applyAll(t, m, javaRecords[:7]...)
	state := m.snapshot()
	l.next = state.Offset
	src := state.Connectors["src-1-x"]
	ctx := t.Context()
	for _, err := range []error{
		s.PutSessionKey(ctx, *state.SessionKey),
		s.PutConnector(ctx, "src-1-x", src, ""),
		s.PutConnector(ctx, "snk", state.Connectors["snk"], Stopped),
		s.PutTasks(ctx, "src-1-x", []map[string]string{state.Tasks[api.TaskID{Connector: "src-1-x"}]}),
		s.PutTarget(ctx, "src-1-x", Started),
		s.PutRestart(ctx, RestartRequest{Connector: "snk", IncludeTasks: true}),
		s.PutFencedTasks(ctx, "src-1-x", 1),
		s.PutLogger(ctx, "org.foo", "DEBUG"),
		s.PutTasks(ctx, "snk", nil),
		s.RemoveConnector(ctx, "snk"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range javaRecords {
		if want := r.key + " " + string(r.value); i >= len(all) || all[i] != want {
			t.Errorf("record %d = %s, want %s", i, all[min(i, len(all)-1)], want)
		}
	}
}

// keeper notes what is written to a log.
type keeper struct {
	*memoryLog
	all *[]string
}

func (k keeper) write(ctx context.Context, records ...record) error {
	for _, r := range records {
		*k.all = append(*k.all, r.key+" "+string(r.value))
	}
	return k.memoryLog.write(ctx, records...)
}

func (k keeper) lead(ctx context.Context, records ...record) error { return k.write(ctx, records...) }

func TestTasksCountFromTheirCommitOn(t *testing.T) {
	m := newMachine()
	task := func(n, v int) record {
		return record{taskKey("a", n), fmt.Appendf(nil, `{"properties":{"v":"%d"}}`, v)}
	}
	commit := func(n int) record { return record{"commit-a", fmt.Appendf(nil, `{"tasks":%d}`, n)} }
	values := func() (out []string) {
		s := m.snapshot()
		for _, id := range s.TaskIDs("a") {
			out = append(out, s.Tasks[id]["v"])
		}
		return out
	}
	want := func(when string, want ...string) {
		t.Helper()
		if got := values(); !slices.Equal(got, want) {
			t.Errorf("tasks %s = %q, want %q", when, got, want)
		}
	}
	connector := record{"connector-a", []byte(`{"properties":{}}`)}
	applyAll(t, m, connector, task(0, 1), task(1, 1))
	want("before their commit")
	applyAll(t, m, commit(2))
	want("after their commit", "1", "1")
	applyAll(t, m, task(0, 2))
	want("while others are missing", "1", "1")
	if m.snapshot().Inconsistent["a"] {
		t.Error("the connector is inconsistent before a commit says so")
	}
	applyAll(t, m, commit(2)) // compaction has taken the first task 1
	want("after a commit without one of them")
	if !m.snapshot().Inconsistent["a"] {
		t.Error("the connector is not inconsistent although a task is missing")
	}
	applyAll(t, m, task(1, 3), commit(2))
	want("after a commit of half of them, twice")
	applyAll(t, m, task(5, 0), task(0, 4), commit(1)) // 5 is of an older commit
	want("after a whole commit", "4")
	applyAll(t, m, commit(0))
	want("after a commit of none")
	applyAll(t, m, record{"connector-a", nil}, task(0, 5), commit(1), connector)
	want("of a connector that was removed before their commit")
}

func TestANewTargetStateReplacesTheOlderField(t *testing.T) {
	for value, want := range map[string]TargetState{
		`{"state":"PAUSED","state.v2":"STOPPED"}`: Stopped,
		`{"state":"PAUSED","state.v2":null}`:      Paused,
		`{"state":"PAUSED"}`:                      Paused,
		`{"state":"PAUSED","state.v2":7}`:         Paused,
		`{"state":"SLEEPING"}`:                    Started,
		`{"State":"PAUSED"}`:                      Started,
		`null`:                                    Started,
	} {
		m := newMachine()
		applyAll(t, m, record{"connector-a", []byte(`{"properties":{"n":1,"b":true,"none":null,"s":"x"}}`)})
		_, _ = m.apply(1, record{"target-state-a", []byte(value)}) // some are refused
		s := m.snapshot()
		if got := s.Targets["a"]; got != want {
			t.Errorf("target state after %s = %s, want %s", value, got, want)
		}
		if got, want := s.Connectors["a"], map[string]string{"n": "1", "b": "true", "s": "x"}; !maps.Equal(got, want) {
			t.Errorf("configuration = %v, want %v", got, want)
		}
	}
}

func TestWhatIsNotUnderstoodChangesNothing(t *testing.T) {
	m := newMachine()
	applyAll(t, m, javaRecords...)
	before := m.snapshot()
	const secret = "c2VjcmV0LXRleHQ"
	for _, r := range []record{
		{"connector-a", []byte(`{"properties":[]}`)}, {"connector-a", []byte(`[]`)}, {"connector-a", []byte(`{"properties":{"k":{}}}`)},
		{"connector-a", []byte(`{}`)}, {"task-a-0", nil}, {"task-a", []byte(`{"properties":{}}`)}, {"task-a-x", []byte(`{"properties":{}}`)},
		{"commit-src-1-x", []byte(`{"tasks":"1"}`)}, {"commit-src-1-x", []byte(`{"tasks":-1}`)}, {"commit-src-1-x", []byte(`{"tasks":2147483647}`)},
		{"commit-src-1-x", []byte(`{"tasks":1.5}`)}, {"tasks-fencing-a", []byte(`{"task-count":99999999999}`)}, {"commit-src-1-x", nil},
		{"session-key", nil}, {"session-key", []byte(`{"key":"` + secret + `!","algorithm":"x","creation-timestamp":1}`)},
		{"session-key", []byte(`{"key":"","algorithm":"x","creation-timestamp":1}`)}, {"session-key-2", []byte(`{"key":"` + secret + `="}`)},
		{"logger-cluster-a", []byte(`{"level":5}`)}, {"restart-connector-a", nil}, {"", []byte(`{}`)}, {"status-connector-a", []byte(`{}`)},
	} {
		u, err := m.apply(100, r)
		if err == nil || u.Kind != 0 {
			t.Errorf("apply(%s, %s) = %+v, %v, want an error", r.key, r.value, u, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the error about a session key is %q, which shows it", err)
		}
	}
	after := m.snapshot().clone()
	if after.Offset != 101 {
		t.Errorf("offset = %d, want that they are counted", after.Offset)
	}
	after.Offset = before.Offset
	if !reflect.DeepEqual(after, before) {
		t.Errorf("snapshot = %+v, want %+v", after, before)
	}
	if _, err := m.apply(200, record{"connector-a", []byte(`{`)}); err == nil || m.snapshot().Offset != 101 {
		t.Errorf("offset = %d, %v after what is not JSON, want 101, as Kafka Connect counts", m.snapshot().Offset, err)
	}
}

// FuzzApply checks that no record of the topic makes a reader panic, and that a
// connector that is read is written and read as the same.
func FuzzApply(f *testing.F) {
	for _, r := range javaRecords {
		f.Add(r.key, r.value, "commit-src-1-x", []byte(`{"tasks":1}`))
	}
	f.Fuzz(func(t *testing.T, key string, value []byte, key2 string, value2 []byte) {
		m := newMachine()
		_, _ = m.apply(0, record{key, value}) // errors are what a reader of anything meets
		_, _ = m.apply(1, record{key2, value2})
		state := m.snapshot()
		for name, config := range state.Connectors {
			state.TaskIDs(name)
			again := Memory(nil)
			if err := again.PutConnector(t.Context(), name, config, state.Targets[name]); err != nil {
				t.Fatalf("write %q: %v", config, err)
			}
			if got := again.Snapshot(); !maps.Equal(got.Connectors[name], config) || got.Targets[name] != state.Targets[name] {
				t.Fatalf("%q became %q", config, got.Connectors[name])
			}
		}
	})
}
