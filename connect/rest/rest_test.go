package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/twmb/franz-go/pkg/kfake"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/script")

// TestScripts runs testdata/script against an in-process worker. Commands:
//
//	put NAME FILE [STATE]       start a connector with the JSON object in FILE
//	waitstate NAME STATE        wait until its task 0 is in the state
//	waitend NAME                wait until it has read all of its input
//	worker KEY=VALUE            go on with another worker, which has the key
//	http METHOD PATH [FILE] [HEADER]...
//	                            print status, Content-Type and body; FILE is sent as JSON
//	key NAME                    print what the last answer of validate says for a key
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup:         setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"put": put, "waitstate": waitState, "waitend": waitEnd, "worker": worker, "http": request, "key": key,
		},
	})
}

type serverKey struct{}

// server is the worker of one script.
type server struct {
	h       *standalone.Herder
	handler http.Handler
	last    []byte // the body of the last answer
	kafka   string // address of the broker
	dir     string // for what the worker keeps
}

func setup(env *testscript.Env) error {
	k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "lines"), kfake.ClusterID("the-cluster"))
	if err != nil {
		return err
	}
	env.Defer(k.Close)
	s := &server{kafka: k.ListenAddrs()[0], dir: env.WorkDir}
	env.Values[serverKey{}] = s
	env.Defer(func() { _ = s.h.Stop(context.Background()) })
	return s.start(nil)
}

// start starts a worker with some keys more.
func (s *server) start(more map[string]string) (err error) {
	props := map[string]string{"bootstrap.servers": s.kafka, "key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": filepath.Join(s.dir, "offsets")}
	maps.Copy(props, more)
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		return err
	}
	s.h, err = standalone.New(cfg, testPlugins(), &standalone.Options{WorkerID: "127.0.0.1:8083",
		Version: "1.2.3", Commit: "abcdef", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	s.handler = rest.New(s.h, nil)
	return s.h.Start(context.Background())
}

func worker(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	ts.Check(s.h.Stop(context.Background()))
	key, value, _ := strings.Cut(args[0], "=")
	ts.Check(s.start(map[string]string{key: value}))
}

func put(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	var c map[string]string
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &c))
	var initial api.InitialState
	if len(args) > 2 {
		initial = api.InitialState(args[2])
	}
	_, _, err := s.h.Put(context.Background(), args[0], c, initial)
	if neg {
		if err == nil {
			ts.Fatalf("put succeeded")
		}
		fmt.Fprintln(ts.Stdout(), err)
		return
	}
	ts.Check(err)
}

func waitState(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		st, err := s.h.TaskStatus(context.Background(), api.TaskID{Connector: args[0]})
		if err == nil && string(st.State) == args[1] {
			return
		}
	}
	ts.Fatalf("task 0 of %s is not %s within a minute", args[0], args[1])
}

func waitEnd(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		if c, err := s.h.Counts(args[0]); err == nil && c.EndOfInput {
			return
		}
	}
	ts.Fatalf("%s does not come to its end within a minute", args[0])
}

func request(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	req := httptest.NewRequest(args[0], args[1], nil)
	for _, arg := range args[2:] {
		if k, v, header := strings.Cut(arg, ":"); header {
			req.Header.Set(k, v)
			continue
		}
		req.Body = io.NopCloser(strings.NewReader(ts.ReadFile(arg)))
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	resp := w.Result()
	if at := resp.Header.Get("Location"); at != "" {
		fmt.Fprintln(ts.Stdout(), "Location", at)
	}
	kind := resp.Header.Get("Content-Type")
	if kind == "" {
		kind = "without Content-Type"
	}
	fmt.Fprintln(ts.Stdout(), resp.StatusCode, kind)
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	s.last = body
	var pretty bytes.Buffer
	if body = bytes.TrimSpace(body); json.Indent(&pretty, body, "", "  ") == nil {
		body = pretty.Bytes()
	}
	if len(body) > 0 {
		fmt.Fprintf(ts.Stdout(), "%s\n", body)
	}
}

func key(ts *testscript.TestScript, _ bool, args []string) {
	var infos api.ConfigInfos
	ts.Check(json.Unmarshal(ts.Value(serverKey{}).(*server).last, &infos))
	for _, info := range infos.Configs {
		if info.Value.Name == args[0] {
			text, err := json.MarshalIndent(info, "", "  ")
			ts.Check(err)
			fmt.Fprintf(ts.Stdout(), "%s\n", text)
			return
		}
	}
	ts.Fatalf("the answer has no key %s", args[0])
}

func testPlugins() connect.Plugins {
	def := config.New(
		config.Key{Name: "topic", Type: config.String, Required: true, Valid: config.NonEmpty()},
		config.Key{Name: "fail", Type: config.String, Default: ""},
		config.Key{Name: "wrong", Type: config.String, Default: ""},
		config.Key{Name: "login", Type: config.Password, Default: ""},
		config.Key{Name: "shop.url", Type: config.String, Default: ""})
	return connect.Plugins{
		Sources: []connect.SourcePlugin{{
			Info: connect.Info{Class: "TestSource", Aliases: []string{"org.example.TestSourceConnector"},
				Version: "1.0", Def: def},
			New: func() connect.SourceConnector { return &source{} },
		}},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text", Version: "1.0", Def: config.New(
			config.Key{Name: "trim", Type: config.Boolean, Default: false, Doc: "Whether blanks are cut off."})},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
		HeaderConverters: []connect.HeaderConverterPlugin{{
			Info: connect.Info{Class: "org.apache.kafka.connect.storage.SimpleHeaderConverter", Version: "1.0"},
			New:  func(config.Values) (connect.HeaderConverter, error) { return plain{}, nil }}},
		Transforms: []connect.TransformPlugin{{Info: connect.Info{Class: "Suffix", Version: "1.0", Def: config.New(
			config.Key{Name: "suffix", Type: config.String, Required: true, Doc: "Text to append."})},
			New: func(config.Values) (connect.Transform, error) { return nil, nil }}},
	}
}

// plain takes headers for bytes.
type plain struct{}

func (plain) FromConnectHeader(_, _ string, _ *data.Schema, v any) ([]byte, error) {
	return []byte(fmt.Sprint(v)), nil
}

func (plain) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	return nil, raw, nil
}

// source makes two records and ends, or fails when told to.
type source struct{}

func (s *source) Start(context.Context, config.Values) error { return nil }
func (s *source) TaskConfigs(int) ([]map[string]string, error) {
	return connect.SameConfig(1), nil
}
func (s *source) Stop() error                 { return nil }
func (s *source) NewTask() connect.SourceTask { return &task{left: 2} }

type task struct {
	topic string
	left  int
}

func (t *task) Start(_ context.Context, _ connect.SourceContext, v config.Values) error {
	t.topic = v.String("topic")
	if wrong := v.String("wrong"); wrong != "" {
		return config.Errors{config.Errorf("wrong", wrong, "there is no such table")}
	}
	if fail := v.String("fail"); fail != "" {
		return errors.New(strings.NewReplacer("LOGIN", string(v.Password("login")), "URL", v.String("shop.url")).Replace(fail))
	}
	return nil
}

func (t *task) Poll(context.Context) ([]*connect.SourceRecord, error) {
	if t.left == 0 {
		return nil, connect.ErrEndOfInput
	}
	t.left--
	return []*connect.SourceRecord{{
		Record:          connect.Record{Topic: t.topic, Value: connect.Decoded(nil, "line")},
		SourcePartition: map[string]any{"part": 0}, SourceOffset: map[string]any{"left": t.left},
	}}, nil
}
func (t *task) Committed(_, _ map[string]any) {}
func (t *task) Stop() error                   { return nil }

func TestHealthBeforeTheStartAndAfterTheStop(t *testing.T) {
	cfg, err := plan.ParseConfig(map[string]string{"key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": "f"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, testPlugins(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/health": `"status":"starting","message":"Worker is still starting up."`,
		"/ready": `{"ready":false,"reasons":["the worker is starting"]}`} {
		w := httptest.NewRecorder()
		rest.New(h, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) {
			t.Errorf("GET %s = %d %s, want 503 with %s", path, w.Code, w.Body, want)
		}
	}
	if err := h.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	rest.New(h, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "Worker is shutting down.") {
		t.Errorf("GET /health after the stop = %d %s, want 500", w.Code, w.Body)
	}
}

// Every line of the table is answered, and described for its page.
func TestRoutesAreAnsweredAndDescribed(t *testing.T) {
	cfg, err := plan.ParseConfig(map[string]string{"key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": "f"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, testPlugins(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rest.Routes() {
		if r.Doc == "" || len(r.Statuses) == 0 || !slices.IsSorted(r.Statuses) {
			t.Errorf("%s %s has the doc %q and the codes %v, want a sentence and sorted codes", r.Method, r.Path, r.Doc, r.Statuses)
		}
		path := strings.NewReplacer("{c}", "no", "{t}", "0", "{p}", "no", "{l}", "no").Replace(r.Path)
		w := httptest.NewRecorder()
		request := httptest.NewRequest(r.Method, path, strings.NewReader("{}"))
		request.Header.Set("Content-Type", "application/json")
		rest.New(h, nil).ServeHTTP(w, request)
		if !slices.Contains(append(r.Statuses, http.StatusInternalServerError, http.StatusServiceUnavailable), w.Code) {
			t.Errorf("%s %s = %d %s, which is none of %v", r.Method, path, w.Code, w.Body, r.Statuses)
		}
	}
}
