package cli

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

// program reads a topic and counts, with a key of its own.
func program() Program {
	return Program{
		Name: "counter", Short: "Count things.",
		Keys: []config.Key{
			{Name: "my.limit", Type: config.Int, Default: 7, Valid: config.AtLeast(1), Doc: "How many."},
			{Name: "my.names", Type: config.List, Default: "a,b", Doc: "Which."},
		},
		Defaults: map[string]string{"output.topic": "counts", "errors.dead.letter.queue.topic.name": "counter-dlq"},
		Build: func(v config.Values) (*topology.Topology, error) {
			b := streams.NewBuilder()
			in := streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.Bytes())
			streams.To(in, v.String("output.topic"), streams.Bytes(), streams.Bytes())
			return b.Build()
		},
	}
}

// props runs the command's parsing with args, up to what it would run with.
func props(t *testing.T, args ...string) (map[string]string, error) {
	t.Helper()
	p := program()
	c := p.Command()
	if err := c.ParseFlags(args); err != nil {
		return nil, err
	}
	props, err := properties(c, p.Def(), c.Flags().Lookup("config").Value.String())
	return p.withDefaults(props), err
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.properties")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every stream app has these, whatever it does.
func TestFlagsComeFromTheDefinition(t *testing.T) {
	p := program()
	help := p.Command().UsageString()
	for _, key := range []string{
		"bootstrap.servers", "application.id", "input.topic", "output.topic", "processing.guarantee", "state.dir",
		"num.stream.threads", "replication.factor", "auto.offset.reset", "http.listen", "my.limit", "my.names",
	} {
		flag := "--" + strings.ReplaceAll(key, ".", "-")
		if !strings.Contains(help, flag+" ") {
			t.Errorf("no flag %s in:\n%s", flag, help)
		}
		k, ok := p.Def().Key(key)
		if doc, _, _ := strings.Cut(strings.TrimSuffix(k.Doc, "."), ". "); !ok || !strings.Contains(help, doc) {
			t.Errorf("%s: the help does not say %q", flag, doc)
		}
	}
	for _, want := range []string{"--my-limit int ", "--my-names list ", "--input-topic string ",
		"--config ", "(default counter)", "(default counts)", "(default 7)", "(default a,b)",
		"(default exactly_once_v2)"} {
		if !strings.Contains(help, want) {
			t.Errorf("no %q in:\n%s", want, help)
		}
	}
}

func TestPrecedence(t *testing.T) {
	tests := []struct {
		name, file string
		args       []string
		want       map[string]string
	}{
		{"defaults of the program", "", []string{"--input-topic", "in"},
			map[string]string{"application.id": "counter", "input.topic": "in", "output.topic": "counts"}},
		{"the file over defaults", "input.topic=in\noutput.topic=mine\napplication.id = other\nlinger.ms=5\n", nil,
			map[string]string{"application.id": "other", "input.topic": "in", "output.topic": "mine", "linger.ms": "5"}},
		{"a flag over the file", "input.topic=in\nmy.limit=1\n", []string{"--my-limit", "2", "--input-topic", "other"},
			map[string]string{"my.limit": "2", "input.topic": "other"}},
		{"security from the file", "input.topic=in\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n", nil,
			map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := tt.args
			if tt.file != "" {
				args = append(args, "--config", file(t, tt.file))
			}
			got, err := props(t, args...)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range tt.want {
				if got[k] != want {
					t.Errorf("%s = %q, want %q", k, got[k], want)
				}
			}
		})
	}
}

// The dead-letter topic of Defaults reaches the app, not only the help.
func TestDefaultsReachTheApp(t *testing.T) {
	got, err := props(t, "--input-topic", "in")
	if err != nil {
		t.Fatal(err)
	}
	if want := "counter-dlq"; got["errors.dead.letter.queue.topic.name"] != want {
		t.Errorf("errors.dead.letter.queue.topic.name = %q, want %q", got["errors.dead.letter.queue.topic.name"], want)
	}
}

// An empty value removes a default.
func TestEmptyFlagsTakeDefaultsBack(t *testing.T) {
	got, err := props(t, "--input-topic", "in", "--errors-dead-letter-queue-topic-name", "")
	if err != nil {
		t.Fatal(err)
	}
	if v := got["errors.dead.letter.queue.topic.name"]; v != "" {
		t.Errorf("errors.dead.letter.queue.topic.name = %q, want none", v)
	}
}

func TestKeysOfKafkaStreamsAreNotRefused(t *testing.T) {
	_, _, err := program().New(map[string]string{"input.topic": "in", "num.standby.replicas": "1"}, discard())
	if err != nil {
		t.Errorf("New with a key of Kafka Streams = %v, want no error", err)
	}
}

// Unknown keys are reported to a program that embeds another one as well as on the
// command line, together with everything else that is wrong.
func TestUnknownKeysNameTheNearest(t *testing.T) {
	given, err := props(t, "--config", file(t,
		"boostrap.servers=x\nprocesing.guarantee=secret-value\nmy.limt=1\nmy.limit=0\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = program().New(given, discard())
	for _, want := range []string{
		`"boostrap.servers", did you mean "bootstrap.servers"?`,
		`"procesing.guarantee", did you mean "processing.guarantee"?`,
		`"my.limt", did you mean "my.limit"?`,
		`Invalid value 0 for configuration my.limit`,
		`Missing required configuration "input.topic"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q:\n%v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "secret-value") {
		t.Errorf("error %v shows a value", err)
	}
}

func TestMistakesInTheCommandLineAreTold(t *testing.T) {
	bad := file(t, "input.topic=in\nkey=\\u12\n")
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"unknown flag", []string{"--input-topik", "in"}, []string{"--input-topik"}},
		{"no such file", []string{"--config", "/nonexistent/a.properties"}, []string{"read --config", "/nonexistent/a.properties"}},
		{"broken file", []string{"--config", bad}, []string{"read --config", bad, "line 2"}},
		{"no input topic", nil, []string{"input.topic"}},
		{"two bad values", []string{"--input-topic", "in", "--my-limit", "0", "--num-stream-threads", "x"}, []string{"my.limit", "num.stream.threads"}},
		{"an argument", []string{"topic"}, []string{"topic"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := program().Command()
			var out bytes.Buffer
			c.SetOut(&out)
			c.SetErr(&out)
			c.SetArgs(tt.args)
			err := c.ExecuteContext(t.Context())
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if out.Len() > 0 {
				t.Errorf("prints %q in addition to its error", out.String())
			}
		})
	}
}

// A page that cannot be served is an error before the app has begun, and says
// which key to look at.
func TestAddressesThatCannotBeServedAreNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = program().Run(t.Context(), map[string]string{"input.topic": "in", "http.listen": taken.Addr().String()},
		discard())
	if want := "listen on http.listen " + taken.Addr().String(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// A program's own pages do not hide those of every app.
func TestPagesOfTheProgramAndOfTheApp(t *testing.T) {
	p := program()
	p.Handler = func(*streams.App, config.Values) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "mine") })
	}
	app, values, err := p.New(map[string]string{"input.topic": "in"}, discard())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/anything": "mine", "/topology": "topics: [in]", "/health": `"application_id":"counter"`,
		"/ready": `"ready":false`, "/metrics": "kafka_streams_client_state",
	} {
		w := httptest.NewRecorder()
		p.pages(app, values).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		code := map[bool]int{true: 503, false: 200}[path == "/health" || path == "/ready"] // it does not run
		if got := w.Body.String(); w.Code != code || !strings.Contains(got, want) {
			t.Errorf("GET %s = %d %q, want %d with %q", path, w.Code, got, code, want)
		}
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
