//go:build integration

package backing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A cluster has a Java worker, and stores of ours on the worker's topics.
type javaCluster struct {
	t        *testing.T
	services *servicetest.Services
	configs  *configs.Store
	statuses *statuses.Store
	offsets  *backing.Topic
	updates  chan configs.Update
}

func startJava(t *testing.T) *javaCluster {
	c := &javaCluster{t: t, services: servicetest.Own(t), updates: make(chan configs.Update, 1000)}
	c.services.Run("services", "up", "connect")
	return c
}

// open opens our stores on the topics of the Java worker.
func (c *javaCluster) open() {
	c.t.Helper()
	ctx, opts := c.t.Context(), []kgo.Opt{kgo.SeedBrokers(c.services.Kafka())}
	var err error
	c.configs, err = configs.Open(ctx, "connect-configs", &configs.Options{Listener: func(u configs.Update) { c.updates <- u },
		TransactionalID: "connect-cluster-suiro-connect"}, opts...)
	c.must(err)
	c.statuses, err = statuses.Open(ctx, "connect-status", nil, opts...)
	c.must(err)
	c.offsets, err = backing.OpenTopic(ctx, "connect-offsets", nil, opts...)
	c.must(err)
	running, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- c.configs.Run(running) }()
	go func() { done <- c.statuses.Run(running) }()
	c.t.Cleanup(func() {
		cancel()
		c.must(<-done)
		c.must(<-done)
		c.configs.Close()
		c.statuses.Close()
		c.must(c.offsets.Close())
	})
}

func (c *javaCluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// ask calls the Java worker and decodes its answer, unless into is nil.
func (c *javaCluster) ask(method, path string, body, into any) {
	c.t.Helper()
	code, answer := c.call(method, path, body)
	if code >= 300 {
		c.t.Fatalf("%s %s = %d %s", method, path, code, answer)
	}
	if into != nil {
		c.must(json.Unmarshal(answer, into))
	}
}

func (c *javaCluster) call(method, path string, body any) (int, []byte) {
	c.t.Helper()
	text, err := json.Marshal(body)
	c.must(err)
	req, err := http.NewRequestWithContext(c.t.Context(), method, "http://"+c.services.Connect()+path, bytes.NewReader(text))
	c.must(err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	c.must(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	c.must(err)
	return resp.StatusCode, answer
}

// state is the state that the Java worker shows of a connector and its tasks.
func (c *javaCluster) state(name string) string {
	c.t.Helper()
	var all map[string]api.ExpandedConnector
	c.ask("GET", "/connectors?expand=status&expand=info", nil, &all)
	if all[name].Status == nil {
		return "unknown"
	}
	states := []string{string(all[name].Status.Connector.State)}
	for _, task := range all[name].Status.Tasks {
		states = append(states, string(task.State))
	}
	return strings.Join(states, " ")
}

func (c *javaCluster) wantState(name, want string) {
	c.t.Helper()
	last := ""
	defer func() {
		if c.t.Failed() {
			c.t.Logf("state of %s = %q, want %q", name, last, want)
		}
	}()
	kafkatest.Eventually(c.t, name+" "+want, func() bool {
		last = c.state(name)
		return last == want
	})
}

func (c *javaCluster) wantUpdate(want configs.Update) {
	c.t.Helper()
	for end := time.After(kafkatest.Patience); ; {
		select {
		case got := <-c.updates:
			if reflect.DeepEqual(got, want) {
				return
			}
		case <-end:
			c.t.Fatalf("update %+v was not told", want)
		}
	}
}

func fileSource(name, path string) map[string]string {
	return map[string]string{"name": name, "connector.class": "FileStreamSource", "tasks.max": "1", "file": path, "topic": "lines",
		"note": "é <\u2028> \x01 😀\ttab", "empty": ""}
}

func fileSink(name, path string, tasks int) map[string]string {
	return map[string]string{"name": name, "connector.class": "FileStreamSink", "tasks.max": fmt.Sprint(tasks), "file": path,
		"topics": "lines"}
}

// What a Java worker 4.3.1 keeps is read, and what it is told through its topics by ours
// it does. Then it starts on topics that ours alone have written to.
func TestStoresShareTheirTopicsWithAJavaWorker(t *testing.T) {
	c := startJava(t)
	dir := t.TempDir()
	in := filepath.Join(dir, "in.txt")
	c.must(os.WriteFile(in, []byte("a\nb\n"), 0o600))
	for _, config := range []map[string]string{fileSource("src-1-x", in), fileSink("snk", filepath.Join(dir, "out"), 2),
		fileSink("bad", "/nosuch/out", 1), fileSink("gone", filepath.Join(dir, "gone"), 1)} {
		c.ask("POST", "/connectors", map[string]any{"name": config["name"], "config": config}, nil)
	}
	c.wantState("src-1-x", "RUNNING RUNNING")
	c.wantState("snk", "RUNNING RUNNING RUNNING")
	c.wantState("bad", "RUNNING FAILED")
	c.wantState("gone", "RUNNING RUNNING")
	c.ask("DELETE", "/connectors/gone", nil, nil)
	c.ask("PUT", "/connectors/snk/stop", nil, nil)
	c.wantState("snk", "STOPPED")
	c.open()
	c.compare()
	c.followsJava()
	c.tellsJava(filepath.Join(dir, "out"))
	c.escapesAsJava()
	c.takesOver(in)
	c.fencesJava(filepath.Join(dir, "fenced"))
}

// compare holds what our stores have read to what the worker shows.
func (c *javaCluster) compare() {
	c.t.Helper()
	var all map[string]api.ExpandedConnector
	kafkatest.Eventually(c.t, "statuses that are the same", func() bool {
		c.ask("GET", "/connectors?expand=status&expand=info", nil, &all)
		c.must(c.statuses.Refresh(c.t.Context()))
		return !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(name string) bool { return !c.sameStatus(name, all[name].Status) })
	})
	c.must(c.configs.Refresh(c.t.Context()))
	state := c.configs.Snapshot()
	if got, want := state.Names(), slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		c.t.Errorf("connectors = %q, want %q", got, want)
	}
	for name, x := range all {
		if got, want := state.Connectors[name], x.Info.Config; !maps.Equal(got, want) {
			c.t.Errorf("configuration of %s = %v, want %v", name, got, want)
		}
		if got, want := state.TaskIDs(name), x.Info.Tasks; !slices.Equal(got, want) {
			c.t.Errorf("tasks of %s = %v, want %v", name, got, want)
		}
		var tasks []api.TaskInfo
		c.ask("GET", "/connectors/"+name+"/tasks", nil, &tasks)
		for _, task := range tasks {
			if got, want := state.Tasks[task.ID], task.Config; !maps.Equal(got, want) {
				c.t.Errorf("configuration of %s = %v, want %v", task.ID, got, want)
			}
		}
		c.compareTopics(name)
	}
	if state.Targets["snk"] != configs.Stopped || state.Targets[state.Names()[0]] != configs.Started || state.SessionKey == nil {
		c.t.Errorf("target states = %v, session key %v, want that only snk is stopped, and a key", state.Targets, state.SessionKey)
	}
	c.compareOffsets("src-1-x")
}

// sameStatus reports whether our store has what the worker shows.
func (c *javaCluster) sameStatus(name string, want *api.ConnectorStatus) bool {
	same := func(got statuses.Status, want api.ConnectorState) bool {
		return got.State == want.State && got.WorkerID == want.WorkerID && got.Trace == want.Trace && got.Version == want.Version
	}
	got, ok := c.statuses.Connector(name)
	if !ok || !same(got, want.Connector) || len(c.statuses.Tasks(name)) != len(want.Tasks) {
		return false
	}
	for _, task := range want.Tasks {
		if got, ok := c.statuses.Task(api.TaskID{Connector: name, Task: task.ID}); !ok || !same(got, task.ConnectorState) {
			return false
		}
	}
	return true
}

func (c *javaCluster) compareTopics(name string) {
	c.t.Helper()
	var topics map[string]api.ActiveTopics
	c.ask("GET", "/connectors/"+name+"/topics", nil, &topics)
	got := []string{}
	for _, t := range c.statuses.Topics(name) {
		got = append(got, t.Name)
	}
	if want := topics[name].Topics; !slices.Equal(got, want) {
		c.t.Errorf("topics of %s = %q, want %q", name, got, want)
	}
}

func (c *javaCluster) compareOffsets(name string) {
	c.t.Helper()
	var want struct {
		Offsets []struct{ Partition, Offset map[string]any }
	}
	kafkatest.Eventually(c.t, "offsets of "+name, func() bool {
		c.ask("GET", "/connectors/"+name+"/offsets", nil, &want)
		return len(want.Offsets) > 0
	})
	c.must(c.offsets.Refresh(c.t.Context()))
	entries, err := c.offsets.List(name)
	c.must(err)
	var texts [2][]string
	for _, e := range entries {
		texts[0] = append(texts[0], fmt.Sprint(e.Partition, e.Offset))
	}
	for _, e := range want.Offsets {
		texts[1] = append(texts[1], fmt.Sprint(e.Partition, e.Offset))
	}
	slices.Sort(texts[0])
	slices.Sort(texts[1])
	if !slices.Equal(texts[0], texts[1]) {
		c.t.Errorf("offsets of %s = %q, want %q", name, texts[0], texts[1])
	}
}

// followsJava wants our listener to hear what the worker writes.
func (c *javaCluster) followsJava() {
	c.t.Helper()
	c.ask("PUT", "/connectors/src-1-x/pause", nil, nil)
	c.wantUpdate(configs.Update{Kind: configs.TargetChanged, Connector: "src-1-x"})
	if got := c.configs.Snapshot().Targets["src-1-x"]; got != configs.Paused {
		c.t.Errorf("target state = %s after a pause, want PAUSED", got)
	}
	c.ask("PUT", "/admin/loggers/org.foo?scope=cluster", map[string]string{"level": "DEBUG"}, nil)
	c.wantUpdate(configs.Update{Kind: configs.LoggerChanged, Logger: "org.foo", Level: "DEBUG"})
	c.ask("POST", "/connectors/src-1-x/restart?includeTasks=true&onlyFailed=true", nil, nil)
	c.wantUpdate(configs.Update{Kind: configs.RestartRequested, Connector: "src-1-x",
		Restart: configs.RestartRequest{Connector: "src-1-x", IncludeTasks: true, OnlyFailed: true}})
}

// tellsJava wants the worker to do what ours write into its topics.
func (c *javaCluster) tellsJava(out string) {
	c.t.Helper()
	ctx := c.t.Context()
	c.must(c.configs.Claim(ctx))
	c.must(c.configs.PutTarget(ctx, "src-1-x", configs.Started))
	c.wantState("src-1-x", "RUNNING RUNNING")
	c.must(c.configs.PutTarget(ctx, "snk", configs.Paused))
	c.wantState("snk", "PAUSED") // a stopped connector has no tasks until it runs
	c.must(c.configs.PutLogger(ctx, "org.bar", "TRACE"))
	kafkatest.Eventually(c.t, "the level of org.bar", func() bool {
		var all map[string]struct{ Level string }
		c.ask("GET", "/admin/loggers", nil, &all)
		return all["org.bar"].Level == "TRACE"
	})
	c.must(c.configs.PutConnector(ctx, "new-1", fileSink("new-1", out+"-new", 1), ""))
	c.wantState("new-1", "RUNNING RUNNING")
	c.must(c.configs.PutRestart(ctx, configs.RestartRequest{Connector: "bad", IncludeTasks: true}))
	c.wantState("bad", "RUNNING FAILED") // and in between it was restarted:
	c.must(c.configs.RemoveConnector(ctx, "bad"))
	c.wantState("bad", "unknown")
	other := statuses.Status{State: api.Failed, Trace: "it\n\tfailed", WorkerID: "other:1", Generation: 99, Version: "1"}
	c.statuses.PutTask(api.TaskID{Connector: "new-1", Task: 0}, other)
	c.wantState("new-1", "RUNNING FAILED")
	c.statuses.PutTopic(statuses.Topic{Name: "more", Connector: "new-1", Discovered: time.Now()})
	kafkatest.Eventually(c.t, "the topic that ours have written", func() bool {
		var topics map[string]api.ActiveTopics
		c.ask("GET", "/connectors/new-1/topics", nil, &topics)
		return slices.Contains(topics["new-1"].Topics, "more")
	})
}

// escapesAsJava wants the worker to write the bytes of our keys, as it looks for them.
func (c *javaCluster) escapesAsJava() {
	c.t.Helper()
	c.ask("PUT", "/connectors/src-1-x/stop", nil, nil)
	c.wantState("src-1-x", "STOPPED")
	for _, name := range []string{"😀", "\u2028\x1f\x7f<&>", "\"\\\b\f\n\r\t/é"} {
		partition := map[string]any{"filename": name}
		key, err := backing.Key("src-1-x", partition)
		c.must(err)
		c.ask("PATCH", "/connectors/src-1-x/offsets", map[string]any{"offsets": []any{
			map[string]any{"partition": partition, "offset": map[string]any{"position": 1}}}}, nil)
		c.must(c.offsets.Refresh(c.t.Context()))
		got, err := c.offsets.Records("src-1-x", []backing.Entry{{Partition: partition, Offset: map[string]any{"position": 2}}})
		c.must(err)
		if !bytes.Equal(got[0].Key, key) {
			c.t.Errorf("the worker has written the key %s, and ours is %s", got[0].Key, key)
		}
	}
}

// takesOver stops the worker, writes in its place, and starts it again.
func (c *javaCluster) takesOver(in string) {
	c.t.Helper()
	ctx := c.t.Context()
	c.services.Run("connect.sh", "down")
	c.must(c.configs.RemoveConnector(ctx, "new-1"))
	c.statuses.RemoveConnector("new-1")
	c.must(c.configs.PutConnector(ctx, "ours", fileSource("ours", in), configs.Started))
	task := maps.Clone(fileSource("ours", in))
	task["task.class"] = "org.apache.kafka.connect.file.FileStreamSourceTask"
	c.must(c.configs.PutTasks(ctx, "ours", []map[string]string{task}))
	c.must(c.configs.PutTarget(ctx, "snk", configs.Stopped))
	// The worker finds it by the bytes of its key, and reads the second line alone.
	c.must(c.offsets.Put(ctx, "ours", []backing.Entry{{Partition: map[string]any{"filename": in}, Offset: map[string]any{"position": 2}}}))
	c.must(c.statuses.Flush(ctx))
	c.services.Run("connect.sh", "up")
	c.wantState("new-1", "unknown")
	c.wantState("snk", "STOPPED")
	c.wantState("ours", "RUNNING RUNNING")
	c.compare()
	lines := kafkatest.Values(kafkatest.Consume(c.t, []string{c.services.Kafka()}, "lines", 3))
	slices.Sort(lines)
	if want := []string{"a", "b", "b"}; !slices.Equal(lines, want) {
		c.t.Errorf("lines = %q, want each of src-1-x and the second of ours", lines)
	}
	kafkatest.Eventually(c.t, "an offset that the worker has written", func() bool {
		c.must(c.offsets.Refresh(ctx))
		got, err := c.offsets.Get("ours", map[string]any{"filename": in})
		return err == nil && reflect.DeepEqual(got, map[string]any{"position": int64(4)})
	})
}

// fencesJava starts the worker with exactly-once sources, which write as we do: of two
// that take themselves for the leader, the one that has claimed it last writes.
func (c *javaCluster) fencesJava(in string) {
	c.t.Helper()
	ctx := c.t.Context()
	c.services.Run("connect.sh", "down")
	conf := filepath.Join(c.t.TempDir(), "exactly-once.properties")
	c.must(os.WriteFile(conf, []byte("exactly.once.source.support=enabled\n"), 0o600))
	c.services.Setenv("SUIRO_CONNECT_CONF", conf)
	c.services.Run("connect.sh", "up")
	c.must(os.WriteFile(in, []byte("c\n"), 0o600))
	c.ask("PUT", "/connectors/once/config", fileSource("once", in), nil)
	c.wantState("once", "RUNNING RUNNING")
	c.must(c.configs.Refresh(ctx))
	if state := c.configs.Snapshot(); state.FencedTasks["once"] != 1 || state.PendingFencing["once"] {
		c.t.Errorf("fenced tasks = %v, pending %v, want one of once", state.FencedTasks, state.PendingFencing)
	}
	if err := c.configs.PutFencedTasks(ctx, "once", 1); !errors.Is(err, configs.ErrFenced) {
		c.t.Errorf("PutFencedTasks after the worker has claimed = %v, want ErrFenced", err)
	}
	c.must(c.configs.Claim(ctx))
	c.must(c.configs.PutRestart(ctx, configs.RestartRequest{Connector: "once"}))
	if code, answer := c.call("PUT", "/connectors/late/config", fileSink("late", in+"-late", 1)); code < 400 {
		c.t.Errorf("the worker's write after our claim = %d %s, want an error", code, answer)
	}
	c.must(c.configs.Refresh(ctx))
	if c.configs.Snapshot().Has("late") {
		c.t.Error("the worker has written although it is fenced")
	}
	kafkatest.Eventually(c.t, "a write of the worker that has claimed again", func() bool {
		code, _ := c.call("PUT", "/connectors/late/config", fileSink("late", in+"-late", 1))
		return code < 300
	})
	c.must(c.configs.Refresh(ctx))
	if !c.configs.Snapshot().Has("late") {
		c.t.Error("what the worker wrote is not read")
	}
}
