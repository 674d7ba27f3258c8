package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// asked returns the code and the body of an answer, 0 when there is none.
func asked(t *testing.T, method, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// mirroring runs suiro mirror until the returned function is called.
func mirroring(t *testing.T, address string, a, b *kfake.Cluster, more ...string) (stop func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mm2.properties")
	text := fmt.Sprintf(`clusters = a, b
a.bootstrap.servers = %s
b.bootstrap.servers = %s
a->b.enabled = true
a->b.topics = orders
a->b.tasks.max = 2
replication.factor = 1
heartbeats.topic.replication.factor = 1
checkpoints.topic.replication.factor = 1
offset-syncs.topic.replication.factor = 1
offset.storage.replication.factor = 1
status.storage.replication.factor = 1
config.storage.replication.factor = 1
sync.topic.acls.enabled = false
sync.topic.configs.enabled = false
b.scheduled.rebalance.max.delay.ms = 0
dedicated.mode.enable.internal.rest = true
listeners = http://%s
`, a.ListenAddrs()[0], b.ListenAddrs()[0], address) + strings.Join(more, "\n")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	t.Cleanup(func() {
		if t.Failed() {
			cancel()
			t.Logf("suiro mirror has logged:\n%s", out.String())
		}
	})
	code := make(chan int, 1)
	go func() { code <- runWith(ctx, builtin.Plugins(), []string{"mirror", path}, &out, &out) }()
	return func() {
		cancel()
		if got := <-code; got != ExitOK {
			t.Errorf("suiro mirror ends with %d:\n%s", got, out.String())
		}
	}
}

// Two processes run a file, show what they do, and let nobody change it.
func TestMirrorRunsAFileOfMirrorMaker2(t *testing.T) {
	a := kafkatest.Start(t, kfake.SeedTopics(2, "orders"))
	// MirrorMaker 2 has left a connector with keys that are not known here.
	b := kafkatest.Start(t)
	compact := "compact"
	_, err := kadm.NewClient(kafkatest.Client(t, b.ListenAddrs())).CreateTopic(t.Context(), 1, 1,
		map[string]*string{"cleanup.policy": &compact}, "mm2-configs.a.internal")
	if err != nil {
		t.Fatal(err)
	}
	kafkatest.Produce(t, b.ListenAddrs(), &kgo.Record{Topic: "mm2-configs.a.internal",
		Key: []byte("connector-MirrorSourceConnector"), Value: []byte(`{"properties":{"name":"MirrorSourceConnector",` +
			`"connector.class":"org.apache.kafka.connect.mirror.MirrorSourceConnector","enabled":"true","topics":"orders",` +
			`"source.producer.bootstrap.servers":"127.0.0.1:1","checkpoints.topic.replication.factor":"1"}}`)})
	kafkatest.Produce(t, a.ListenAddrs(), &kgo.Record{Topic: "orders", Value: []byte("first")})
	first, second := servicetest.FreeAddress(t), servicetest.FreeAddress(t)
	stopFirst := mirroring(t, first, a, b)
	if got := kafkatest.Values(kafkatest.Consume(t, b.ListenAddrs(), "a.orders", 1)); got[0] != "first" {
		t.Errorf("a.orders has %q, want first", got)
	}
	stopSecond := mirroring(t, second, a, b)
	for _, address := range []string{first, second} {
		kafkatest.Eventually(t, "both to be ready", func() bool {
			code, _ := asked(t, http.MethodGet, "http://"+address+"/ready")
			return code == http.StatusOK
		})
	}
	for _, c := range []struct {
		method, path string
		code         int
		has          string
	}{
		{http.MethodGet, "/health", 200, `"status":"healthy"`},
		{http.MethodGet, "/metrics", 200, `flow="a->b"`},
		{http.MethodGet, "/a/b/connectors", 200, "MirrorCheckpointConnector"},
		{http.MethodGet, "/b/a/connectors/MirrorHeartbeatConnector/status", 200, `"state":"RUNNING"`},
		{http.MethodPut, "/a/b/connectors/MirrorSourceConnector/pause", 405, "as the file of the mirror has them"},
		{http.MethodPost, "/a/b/connectors/MirrorSourceConnector/tasks", 400, "missing required signature"},
		{http.MethodGet, "/a/c/connectors", 404, ""},
		{http.MethodGet, "/connectors", 404, ""},
	} {
		code, body := asked(t, c.method, "http://"+second+c.path)
		if code != c.code || !strings.Contains(body, c.has) {
			t.Errorf("%s %s = %d %.300s, want %d with %s", c.method, c.path, code, body, c.code, c.has)
		}
	}
	stopFirst()
	kafkatest.Produce(t, a.ListenAddrs(), &kgo.Record{Topic: "orders", Value: []byte("second")})
	kafkatest.Consume(t, b.ListenAddrs(), "a.orders", 2)
	stopSecond()
}

// A target that cannot be reached does not keep the flows to others from working.
func TestMirrorOutlivesATargetThatIsAway(t *testing.T) {
	a, b := kafkatest.Start(t, kfake.SeedTopics(2, "orders")), kafkatest.Start(t)
	kafkatest.Produce(t, a.ListenAddrs(), &kgo.Record{Topic: "orders", Value: []byte("first")})
	stop := mirroring(t, servicetest.FreeAddress(t), a, b, "clusters = a, b, c",
		"c.bootstrap.servers = "+servicetest.FreeAddress(t), "a->c.enabled = true", "a->c.topics = orders")
	kafkatest.Consume(t, b.ListenAddrs(), "a.orders", 1)
	stop()
}
