package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/connectors/file"
	"github.com/twmb/franz-go/pkg/kfake"
)

// exchange is one request and what a worker of Kafka Connect 4.3.1 answered.
type exchange struct {
	Method, Path string
	Body         json.RawMessage
	Status       int
	Location     string
	ContentType  string `json:"content_type"`
	Answer       json.RawMessage
}

// differs are the places of an answer in which a worker differs from Kafka Connect's, and
// why. A place is the path of a value; * is any one part of it.
var differs = []struct{ place, why string }{
	{`(.*\.)?worker_id`, "it is the address of the worker"},
	{`(.*\.)?version`, "it is that of the plugin"},
	{`(.*\.)?trace`, "it is an error of Go and not of Java"},
	{`(.*\.)?documentation`, "keys are described in words of their own"},
	{`(.*\.)?(width|display_name|order_in_group|group|importance)`, "user interfaces lay out keys by them, and ours has other keys"},
	{`(.*\.)?recommended_values`, "they name the plugins of the worker"},
	{`groups`, "ours has other keys"},
	{`error_count`, "a value that cannot be parsed is one error"},
	{`configs\.tasks\.max\.value\.errors\.1`, "a value that cannot be parsed is one error"},
	{`(configs\.)?(config\.action\.reload|offsets\.storage\.topic)`, "a worker that has no use for a key does not offer it"},
	{`configs\.(key|value)\.converter\.(definition\.default_value|value\.value)`, "the worker has another converter"},
}

// replayer asks a worker what was asked when the exchanges were recorded.
type replayer struct {
	t       *testing.T
	herder  *standalone.Herder
	handler http.Handler
	dir     string // in place of the recording worker's
}

// recordedDir is where the connectors of the recordings have their files.
const recordedDir = "/data/connect-files"

func newReplayer(t *testing.T) *replayer {
	k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "rest-lines", "rest-paused"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.txt"), bytes.Repeat([]byte("line\n"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := plan.ParseConfig(map[string]string{"bootstrap.servers": k.ListenAddrs()[0], "key.converter": "Text",
		"value.converter": "Text", "offset.storage.file.filename": filepath.Join(dir, "offsets")})
	if err != nil {
		t.Fatal(err)
	}
	text := testPlugins()
	h, err := standalone.New(cfg, connect.Plugins{Sources: []connect.SourcePlugin{file.SourcePlugin()},
		Sinks: []connect.SinkPlugin{file.SinkPlugin()}, Converters: text.Converters, HeaderConverters: text.HeaderConverters},
		&standalone.Options{WorkerID: "127.0.0.1:18083"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Stop(context.Background()) })
	return &replayer{t, h, rest.New(h, nil), dir}
}

// replay sends a recorded request, and complains about what is answered otherwise than it
// was. more are further places that differ in this exchange, each with the reason.
func (r *replayer) replay(name string, more ...string) {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded", name+".json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var e exchange
	if err := json.Unmarshal(bytes.ReplaceAll(text, []byte(recordedDir), []byte(r.dir)), &e); err != nil {
		r.t.Fatal(err)
	}
	request := httptest.NewRequest(e.Method, e.Path, bytes.NewReader(e.Body))
	request.Host = "127.0.0.1:18083"
	if e.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, request)
	if w.Code != e.Status || w.Header().Get("Location") != e.Location || w.Header().Get("Content-Type") != e.ContentType {
		r.t.Errorf("%s: %s %s = %d with Location %q and Content-Type %q, want %d with %q and %q: %s", name, e.Method, e.Path,
			w.Code, w.Header().Get("Location"), w.Header().Get("Content-Type"), e.Status, e.Location, e.ContentType, w.Body)
		return
	}
	var want, got any
	if e.Answer != nil {
		if err := json.Unmarshal(e.Answer, &want); err != nil {
			r.t.Fatal(err)
		}
	}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			r.t.Fatal(err)
		}
	}
	var places []string
	for _, d := range differs {
		places = append(places, d.place)
	}
	for i := 0; i < len(more); i += 2 {
		places = append(places, more[i])
	}
	free := regexp.MustCompile(`^(` + strings.Join(places, "|") + `)$`)
	for _, complaint := range compare("", want, got, free) {
		r.t.Errorf("%s: %s", name, complaint)
	}
}

// compare returns what got lacks of want and has otherwise. A place that may differ is of
// the same type all the same, unless it is null in one of them.
func compare(place string, want, got any, free *regexp.Regexp) (complaints []string) {
	if free.MatchString(place) {
		if want != nil && got != nil && fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			complaints = append(complaints, fmt.Sprintf("%s is a %T, want a %T", place, got, want))
		}
		return complaints
	}
	switch want := want.(type) {
	case map[string]any:
		has, _ := got.(map[string]any)
		for name, value := range want {
			at := strings.TrimPrefix(place+"."+name, ".")
			if _, ok := has[name]; !ok && !free.MatchString(at) {
				complaints = append(complaints, at+" is missing")
				continue
			}
			complaints = append(complaints, compare(at, value, has[name], free)...)
		}
	case []any:
		has, _ := got.([]any)
		for i, value := range want {
			name := nameOf(value)
			j := i
			if name != "" {
				j = slices.IndexFunc(has, func(v any) bool { return nameOf(v) == name })
			}
			at := strings.TrimPrefix(fmt.Sprintf("%s.%s", place, cmpOr(name, fmt.Sprint(i))), ".")
			if (j < 0 || j >= len(has)) && free.MatchString(at) {
				continue
			}
			if j < 0 || j >= len(has) {
				complaints = append(complaints, at+" is missing")
				continue
			}
			complaints = append(complaints, compare(at, value, has[j], free)...)
		}
		if len(want) == 0 && len(has) > 0 {
			complaints = append(complaints, fmt.Sprintf("%s has %d elements, want none", place, len(has)))
		}
	default:
		if want != got {
			complaints = append(complaints, fmt.Sprintf("%s = %v, want %v", place, got, want))
		}
	}
	return complaints
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// nameOf is the name of an element of a list of keys.
func nameOf(v any) string {
	m, _ := v.(map[string]any)
	if value, ok := m["value"].(map[string]any); ok {
		m = value
	}
	name, _ := m["name"].(string)
	return name
}

// put makes a connector that the recorded exchanges expect.
func (r *replayer) put(name string, config map[string]string, state api.InitialState) {
	r.t.Helper()
	if _, _, err := r.herder.Put(r.t.Context(), name, config, state); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for a task's state.
func (r *replayer) until(connector string, state api.State) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		s, err := r.herder.TaskStatus(r.t.Context(), api.TaskID{Connector: connector})
		topics, _ := r.herder.ActiveTopics(r.t.Context(), connector)
		if err == nil && s.State == state && (state == api.Failed || len(topics.Topics) > 0) {
			return
		}
	}
	r.t.Fatalf("task 0 of %s is not %s within a minute", connector, state)
}

// stop stops a connector whose offsets are changed.
func (r *replayer) stop(name string) {
	r.t.Helper()
	if err := r.herder.StopConnector(r.t.Context(), name); err != nil {
		r.t.Fatal(err)
	}
}

// Every exchange is answered as it was, except where it says why not.
func TestRecordedExchangesAreAnsweredAlike(t *testing.T) {
	r := newReplayer(t)
	r.replay("plugin-config")
	r.replay("validate-errors")
	const early = "the tasks are running when the answer is made"
	r.replay("create", "tasks", early)
	r.replay("create-duplicate")
	r.replay("create-invalid")
	r.replay("put-config-create", "tasks", early)
	r.replay("get-missing")
	r.until("src", api.Running)
	r.until("snk", api.Running)
	paused := map[string]string{"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"tasks.max": "1", "file": r.dir + "/in.txt", "topic": "rest-paused"}
	r.put("paused", paused, api.InitialPaused)
	r.replay("list-expand")
	r.replay("status")
	r.replay("topics")
	r.replay("patch-config", `tasks\.1`, "the recording had two tasks before")
	r.replay("restart-include-tasks")
	r.put("bad", map[string]string{"connector.class": "FileStreamSink", "file": "/no/such/dir/out.txt",
		"topics": "rest-lines", "errors.restart.max": "0"}, "")
	r.until("bad", api.Failed)
	r.replay("status-failed")
	r.replay("offsets-source", `offsets\.0\.offset\.position`, "the file is another one")
	r.replay("offsets-sink")
	r.replay("offsets-patch-running")
	r.stop("src")
	r.stop("snk")
	r.replay("offsets-patch-source")
	r.replay("offsets-delete-sink")
	r.replay("logger-set", `\d+`, "loggers are not named for Java's classes")
	r.replay("delete")
}
