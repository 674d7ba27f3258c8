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
	"unicode/utf8"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
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
		doc, _, _ := strings.Cut(strings.TrimSuffix(k.Doc, "."), ". ")
		if !ok || !strings.Contains(strings.Join(strings.Fields(help), " "), doc) {
			t.Errorf("%s: the help does not say %q", flag, doc)
		}
	}
	for _, want := range []string{"--my-limit number ", "--my-names list ", "--input-topic text ",
		"--config file", "default counter)", "default counts)", "(at least 1; default 7)", "default a, b)",
		"default exactly_once_v2)", "(required)", "Flags of counter:", "--log-level level", "--log-format format",
		"--create-topics ", "--version"} {
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
		{"a file of Kafka Streams", "input.topic=in\nconsumer.max.poll.records=7\ncommit.interval.ms=10s\n", nil,
			map[string]string{"max.poll.records": "7", "commit.interval.ms": "10000"}},
		{"a flag over a prefix", "input.topic=in\nconsumer.max.poll.records=7\n", []string{"--max-poll-records", "8"},
			map[string]string{"max.poll.records": "8"}},
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
		{"flag of a rare key", []string{"--linger-m", "5"}, []string{"unknown flag --linger-m: did you mean --linger-ms?"}},
		{"flag like none", []string{"--quiet"}, []string{"unknown flag --quiet: see counter --help-all"}},
		{"unknown flag", []string{"--input-topik", "in"}, []string{"unknown flag --input-topik: did you mean --input-topic?"}},
		{"no such file", []string{"--config", "/nonexistent/a.properties"}, []string{"--config /nonexistent/a.properties: no such file"}},
		{"broken file", []string{"--config", bad}, []string{"--config " + bad, "line 2"}},
		{"json", []string{"--config", file(t, "{}")}, []string{"is JSON, and a properties file is expected"}},
		{"misspelt value", []string{"--processing-guarantee", "exactly_once_v3"},
			[]string{"--processing-guarantee exactly_once_v3: must be exactly_once_v2 or at_least_once (did you mean"}},
		{"no duration", []string{"--commit-interval-ms", "soon"}, []string{"is not a number of milliseconds or a duration such as 10s"}},
		{"log level", []string{"--log-level", "loud"}, []string{"--log-level loud: must be debug, info, warn or error"}},
		{"a password", []string{"--sasl-password", "pst"}, []string{"--sasl-password: others on the machine can see",
			"write sasl.password into the file of --config"}},
		{"flags and file", []string{"--my-limit", "0", "--acks", "2", "--config", file(t, "my.limit=0\nlinger.mss=5\nretries=x\n")},
			[]string{"--my-limit 0: must be at least 1", "--acks 2", `"linger.mss", did you mean "linger.ms"`, "retries"}},
		{"no input topic", nil, []string{`"input.topic"`, "Give --input-topic, or write it into the file of --config"}},
		{"two bad values", []string{"--input-topic", "in", "--my-limit", "0", "--num-stream-threads", "x"}, []string{"--my-limit 0: must be at least 1", "--num-stream-threads x: is not a number"}},
		{"an argument", []string{"topic"}, []string{"topic"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := program().Command()
			var out, mistakes bytes.Buffer
			c.SetOut(&out)
			c.SetErr(&mistakes)
			c.SetArgs(tt.args)
			if got := execute(t.Context(), program(), c); got != ExitUsage {
				t.Errorf("exit code %d, want %d", got, ExitUsage)
			}
			for _, want := range append(tt.want, "counter: ") {
				if !strings.Contains(mistakes.String(), want) {
					t.Errorf("error %q, want one with %q", mistakes.String(), want)
				}
			}
			if out.Len() > 0 || strings.Contains(mistakes.String(), "pst") {
				t.Errorf("prints %q and %q, want only the error, without passwords", out.String(), mistakes.String())
			}
		})
	}
}

// Whoever knows Kafka's tools and Go's durations need not look anything up.
func TestFlagsTakeWhatPeopleWrite(t *testing.T) {
	got, err := props(t, "--bootstrap-server", "kafka1:9092", "--commit-interval-ms", "2s", "--transaction.timeout.ms", "10000",
		"--create-topics", "--security-protocol", "SSL")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"bootstrap.servers": "kafka1:9092", "commit.interval.ms": "2000",
		"transaction.timeout.ms": "10000", "create.topics": "true", "security.protocol": "SSL"} {
		if got[key] != want {
			t.Errorf("%s = %q, want %q", key, got[key], want)
		}
	}
}

// --help-all has every key, in lines that fit, except for passwords, which are for files.
func TestHelpAllShowsEveryKey(t *testing.T) {
	c := program().Command()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetArgs([]string{"--help-all"})
	if got := execute(t.Context(), program(), c); got != ExitOK {
		t.Fatalf("exit code %d, want %d", got, ExitOK)
	}
	for _, k := range program().Def().Keys() {
		flag := "--" + strings.ReplaceAll(k.Name, ".", "-")
		if got, want := strings.Contains(out.String(), "      "+flag), k.Type != config.Password; got != want {
			t.Errorf("%s is shown: %v, want %v", flag, got, want)
		}
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A failure of the app itself is no mistake of the command line.
func TestFailuresEndWithAnotherCodeThanMistakes(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	c := program().Command()
	var errs bytes.Buffer
	c.SetErr(&errs)
	c.SetArgs([]string{"--input-topic", "in", "--bootstrap-servers", addr, "--log-level", "error"})
	if got := execute(t.Context(), program(), c); got != ExitFailure || !strings.Contains(errs.String(), "nothing listens there") {
		t.Errorf("exit code %d with %q, want %d because nothing listens there", got, &errs, ExitFailure)
	}
	c = program().Command()
	c.SetErr(&errs)
	c.SetArgs([]string{"--input-topic", "in", "--output-topic", "in"})
	if got := execute(t.Context(), program(), c); got != ExitUsage || !strings.Contains(errs.String(), "it reads its own output") {
		t.Errorf("exit code %d with %q, want %d because of the topics", got, &errs, ExitUsage)
	}
}

// --verbose is what --log-level debug was called, and still works.
func TestLogFlags(t *testing.T) {
	for want, args := range map[string][]string{
		`"level":"INFO"`: {"--log-format", "json"}, "level=INFO": {"--log-level", "error", "--verbose"},
	} {
		var errs bytes.Buffer
		c := program().Command()
		c.SetErr(&errs)
		c.SetArgs(append(args, "--input-topic", "in", "--bootstrap-servers", kafkatest.Start(t).ListenAddrs()[0],
			"--state-dir", t.TempDir(), "--http-listen", "127.0.0.1:0"))
		execute(t.Context(), program(), c) // fails, as its topics are missing
		if !strings.Contains(errs.String(), want) || !strings.Contains(errs.String(), "the app starts") {
			t.Errorf("with %v it logs\n%s\nwant %s and that the app starts", args, &errs, want)
		}
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
	p.Handler = func(*app.App, config.Values) http.Handler {
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
