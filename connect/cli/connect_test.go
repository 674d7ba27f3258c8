package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// output is a writer that a test may read meanwhile.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// run executes a command line of suiro.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runWith(ctx, builtin.Plugins(), args, stdout, stderr)
}

// runWith executes a command line of a program with the plugins.
func runWith(ctx context.Context, plugins connect.Plugins, args []string, stdout, stderr io.Writer) int {
	root := Command(plugins)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return Execute(ctx, root)
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func startKafka(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	return kafkatest.Start(t, opts...).ListenAddrs()[0]
}

// anyPort leaves the port of the REST API to the system.
const anyPort = "127.0.0.1:0"

// restAddress returns where the REST API listens, as the log of the worker says.
func restAddress(t *testing.T, log *output) string {
	t.Helper()
	found := regexp.MustCompile(`"?rest api listens"? address=http://(\S+)`).FindStringSubmatch(log.String())
	if found == nil {
		t.Fatalf("the worker does not say where its REST API listens:\n%s", log)
	}
	return found[1]
}

func workerFile(t *testing.T, kafka, listen string, more ...string) string {
	t.Helper()
	return writeFile(t, "worker.properties", strings.Join(append([]string{
		"bootstrap.servers=" + kafka,
		"key.converter=org.apache.kafka.connect.storage.StringConverter",
		"value.converter=org.apache.kafka.connect.storage.StringConverter",
		"offset.storage.file.filename=" + filepath.Join(t.TempDir(), "offsets"),
		"offset.flush.interval.ms=50",
		"listeners=http://" + listen,
	}, more...), "\n"))
}

func TestConnectRunsConnectorsUntilTold(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(1, "lines"))
	in := writeFile(t, "in.txt", "a\nb\n")
	out := filepath.Join(t.TempDir(), "out.txt")
	source := writeFile(t, "source.json", `{"name":"in","config":{"connector.class":"FileStreamSource",
		"tasks.max":1,"file":"`+in+`","topic":"lines","file.end":"stop","connector.plugin.version":"1"}}`)
	sink := writeFile(t, "sink.properties", "name=out\nconnector.class=org.apache.kafka.connect.file.FileStreamSinkConnector\n"+
		"topics=lines\nfile="+out+"\n")
	paused := writeFile(t, "paused.conf", `{"name":"paused","initial_state":"paused",
		"config":{"connector.class":"FileStreamSource","file":"`+in+`","topic":"lines"}}`)
	ctx, cancel := context.WithCancel(t.Context())
	code, log := make(chan int), &output{}
	go func() {
		code <- run(ctx, []string{"connect", "--config", workerFile(t, kafka, anyPort), paused, source, sink}, io.Discard, log)
	}()
	waitFor(t, "both lines in the file", log, func() bool {
		text, _ := os.ReadFile(out)
		return string(text) == "a\nb\n"
	})
	var status struct {
		Connector struct{ State string }
		Tasks     []struct {
			State    string
			WorkerID string `json:"worker_id"`
		}
	}
	listen := restAddress(t, log)
	getJSON(t, "http://"+listen+"/connectors/out/status", &status)
	if status.Connector.State != "RUNNING" || len(status.Tasks) != 1 || status.Tasks[0].State != "RUNNING" || status.Tasks[0].WorkerID != listen {
		t.Errorf("status = %+v, want RUNNING at %s", status, listen)
	}
	getJSON(t, "http://"+listen+"/connectors/paused/status", &status)
	if status.Connector.State != "PAUSED" || len(status.Tasks) != 0 {
		t.Errorf("status of the paused connector = %+v, want PAUSED without tasks", status)
	}
	if got := get(t, "http://"+listen+"/metrics"); !strings.Contains(got, "kafka_connect_worker_metrics_connectors 3\n") ||
		!strings.Contains(got, `kafka_connect_connector_metrics_status{connector="paused",status="paused"} 1`+"\n") {
		t.Errorf("/metrics = %s\nwant three connectors, one of them paused", got)
	}
	if got := get(t, "http://"+listen+"//connectors"); !strings.Contains(got, "HTTP 404 Not Found") {
		t.Errorf("//connectors = %s, want 404 and no redirect", got)
	}
	if want := "connector.plugin.version has no effect"; strings.Count(log.String(), want) != 1 {
		t.Errorf("log = %s\nwant one warning %q", log, want)
	}
	cancel()
	if got := <-code; got != ExitOK {
		t.Errorf("exit code = %d, want %d:\n%s", got, ExitOK, log)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func waitFor(t *testing.T, what string, log *output, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s\n%s", what, log)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func getJSON(t *testing.T, url string, v any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(1, "lines"))
	guarded := startKafka(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "shop", "right"))
	good := writeFile(t, "good.json", `{"name":"in","connector.class":"FileStreamSource","topic":"lines","file":"none","file.end":"stop"}`)
	taken, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	login := []string{"security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-256", "sasl.username=shop", "sasl.password=wrong"}
	for name, c := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"no config":          {nil, ExitUsage, []string{"--config is needed"}},
		"unknown flag":       {[]string{"--confg", "x"}, ExitUsage, []string{"unknown flag --confg: did you mean --config?"}},
		"missing file":       {[]string{"--config", "/no/such.properties"}, ExitUsage, []string{"/no/such.properties", "no such file"}},
		"unknown worker key": {[]string{"--config", workerFile(t, kafka, anyPort, "offset.flush.interval=3")}, ExitUsage, []string{`"offset.flush.interval", did you mean "offset.flush.interval.ms"?`}},
		"unknown connector key": {[]string{"--config", workerFile(t, kafka, anyPort), writeFile(t, "c.json", `{"name":"in","config":{"connector.class":"FileStreamSource","topic":"lines","fiel":"x"}}`)},
			ExitUsage, []string{"c.json: Unknown configuration ", `"fiel", did you mean "file"?`}},
		"unknown class": {[]string{"--config", workerFile(t, kafka, anyPort), writeFile(t, "c.json", `{"name":"in","config":{"connector.class":"Nope"}}`)},
			ExitUsage, []string{"which name matches Nope", "FileStreamSource"}},
		"no broker": {[]string{"--config", workerFile(t, "127.0.0.1:1", anyPort), good}, ExitFailure, []string{"127.0.0.1:1", "nothing listens there"}},
		"wrong password": {[]string{"--config", workerFile(t, guarded, anyPort, login...), good}, ExitFailure,
			[]string{guarded, "user name", "password", "SCRAM-SHA-256", "sasl.jaas.config"}},
		"port in use":    {[]string{"--config", workerFile(t, kafka, taken.Addr().String()), good}, ExitFailure, []string{taken.Addr().String(), "listeners"}},
		"listeners":      {[]string{"--config", workerFile(t, kafka, "127.0.0.1")}, ExitUsage, []string{"Invalid value http://127.0.0.1 for configuration listeners: must be http://host:port"}},
		"not json":       {[]string{"--config", workerFile(t, kafka, anyPort), writeFile(t, "c.json", `{`)}, ExitUsage, []string{"c.json: is not a JSON object"}},
		"no name":        {[]string{"--config", workerFile(t, kafka, anyPort), writeFile(t, "c.json", `{"config":{}}`)}, ExitUsage, []string{"name is missing"}},
		"the same twice": {[]string{"--config", workerFile(t, kafka, anyPort), good, good}, ExitUsage, []string{"connector in is also in"}},
		"brokers":        {[]string{"--bootstrap-server", "localhost:9092", good}, ExitUsage, []string{"unknown flag --bootstrap-server: the worker's properties file names the brokers"}},
		"log level":      {[]string{"--config", workerFile(t, kafka, anyPort), "--log-level", "loud"}, ExitUsage, []string{"--log-level loud"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr output
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got := run(ctx, append([]string{"connect"}, c.args...), io.Discard, &stderr); got != c.code {
				t.Errorf("exit code = %d, want %d", got, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr = %s\nwant it to hold %q", &stderr, want)
				}
			}
			for _, cause := range []string{"nothing listens there", "user name", "address already in use"} {
				if n := strings.Count(stderr.String(), cause); n > 1 {
					t.Errorf("stderr says %q %d times, want once: %s", cause, n, &stderr)
				}
			}
			if strings.Contains(stderr.String(), "wrong\n") {
				t.Errorf("stderr shows the password: %s", &stderr)
			}
		})
	}
}

func TestLogsInJSONHoldNothingElse(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(1, "lines"))
	source := writeFile(t, "source.json", `{"name":"in","config":{"connector.class":"FileStreamSource","file":"none",
		"topic":"lines"}}`)
	worker, nobody := workerFile(t, kafka, anyPort), workerFile(t, "127.0.0.1:1", anyPort)
	for name, c := range map[string]struct {
		worker string
		code   int
		want   string // the last line
	}{
		"a worker that runs": {worker, ExitOK, "worker stopped"},
		"one that cannot":    {nobody, ExitFailure, "worker failed"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		code, log := make(chan int, 1), &output{}
		go func() {
			code <- run(ctx, []string{"connect", "--log-format", "json", "--config", c.worker, source}, io.Discard, log)
		}()
		waitFor(t, "the start or the end", log, func() bool {
			return strings.Contains(log.String(), "task started") || strings.Contains(log.String(), "failed")
		})
		cancel()
		if got := <-code; got != c.code {
			t.Errorf("%s: exit code %d, want %d", name, got, c.code)
		}
		var line struct{ Msg, Error string }
		for text := range strings.Lines(log.String()) {
			line.Msg = ""
			if err := json.Unmarshal([]byte(text), &line); err != nil || line.Msg == "" {
				t.Errorf("%s: a line that is no message in JSON: %s", name, text)
			}
		}
		if line.Msg != c.want {
			t.Errorf("%s: the last message is %q, want %q", name, line.Msg, c.want)
		}
		if n := strings.Count(log.String(), "nothing listens there"); n > 1 {
			t.Errorf("%s: the cause is told %d times, want once:\n%s", name, n, log)
		}
	}
}

func TestLongLineBecomesADeadLetterAndNothingIsLost(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(1, "lines"))
	in := writeFile(t, "in.txt", "first\n"+strings.Repeat("x", 10<<20)+"\nlast\n")
	source := writeFile(t, "source.json", `{"name":"in","config":{"connector.class":"FileStreamSource","file":"`+in+`",
		"topic":"lines","file.end":"stop","errors.tolerance":"all","errors.deadletterqueue.topic.name":"bad",
		"errors.deadletterqueue.topic.replication.factor":1}}`)
	ctx, cancel := context.WithCancel(t.Context())
	code, log := make(chan int), &output{}
	go func() {
		code <- run(ctx, []string{"connect", "--config", workerFile(t, kafka, anyPort), source}, io.Discard, log)
	}()
	records := consume(t, kafka, 3, "lines", "bad")
	cancel()
	<-code
	var lines []string
	for _, r := range records {
		if r.Topic == "lines" {
			lines = append(lines, string(r.Value))
			continue
		}
		headers := map[string]string{}
		for _, h := range r.Headers {
			headers[h.Key] = string(h.Value)
		}
		if got := headers["__connect.errors.exception.message"]; !strings.Contains(got, "10485760 bytes long, line.max.bytes is 1048576") {
			t.Errorf("reason = %q, want length and limit", got)
		}
		if headers["file.line.begin"] != "6" || headers["file.line.end"] != "10485766" || len(r.Value) == 0 || len(r.Value) > 8192 {
			t.Errorf("dead letter has %d bytes and headers %v, want a prefix and the range", len(r.Value), headers)
		}
	}
	if got, want := strings.Join(lines, " "), "first last"; got != want {
		t.Errorf("topic holds %q, want %q", got, want)
	}
}

func consume(t *testing.T, kafka string, n int, topics ...string) []*kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka), kgo.ConsumeTopics(topics...), kgo.MetadataMinAge(50*time.Millisecond),
		kgo.MetadataMaxAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out []*kgo.Record
	for len(out) < n && ctx.Err() == nil {
		out = append(out, cl.PollFetches(ctx).Records()...)
	}
	if len(out) < n {
		t.Fatalf("%v hold %d records, want %d", topics, len(out), n)
	}
	return out
}
