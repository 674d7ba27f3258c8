package elasticsearch

import (
	"bytes"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
)

// startError starts a task that must fail and returns the error's text.
func startError(t *testing.T, props map[string]string) string {
	t.Helper()
	task := &SinkTask{}
	defer task.Stop()
	err := task.Start(t.Context(), connecttest.NewSinkContext(), connecttest.Parse(t, Plugin().Info, props))
	if err == nil {
		t.Fatal("Start succeeded, want an error")
	}
	return err.Error()
}

func TestStartWaitsForAClusterThatIsNotThereYet(t *testing.T) {
	f := newFakeES(t)
	var there atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !there.Load() {
			panic(http.ErrAbortHandler)
		}
		f.ServeHTTP(w, r)
	}))
	defer server.Close()
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(server.URL, "max.buffered.records", "5"))
	defer s.Stop()
	s.Open(p0)
	s.Put(connecttest.Records(p0, 0, numbered(0, 10)...)...)
	if !s.Context.Paused(p0) || s.Commit()[p0] != 0 {
		t.Error("without a cluster the partition is not paused, or something is committed")
	}
	there.Store(true)
	waitCommit(t, s, p0, 10)
}

func TestAClusterThatIsAwayAtStartIsToldOnce(t *testing.T) {
	f := newFakeES(t)
	var there atomic.Bool
	var looks atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if looks.Add(1); !there.Load() {
			panic(http.ErrAbortHandler)
		}
		f.ServeHTTP(w, r)
	}))
	defer server.Close()
	tc := &loggedContext{SinkContext: connecttest.NewSinkContext()}
	task := &SinkTask{}
	if err := task.Start(t.Context(), tc, connecttest.Parse(t, Plugin().Info, quickly(server.URL))); err != nil {
		t.Fatal(err)
	}
	defer task.Stop()
	waitFor(t, "many looks", func() bool { return looks.Load() > 10 })
	if up, away := tc.Metric(t, metrics.Prefix+"up"), tc.Metric(t, metrics.Prefix+"outage_seconds"); up != 0 || away <= 0 {
		t.Errorf("up = %v and outage_seconds = %v while elasticsearch is away, want 0 and a time", up, away)
	}
	if tries := tc.Metric(t, metrics.Prefix+"retries_total"); tries < 10 {
		t.Errorf("retries_total = %v after more than ten looks, want at least 10", tries)
	}
	there.Store(true)
	waitFor(t, "the end", func() bool { return tc.Metric(t, metrics.Prefix+"up") == 1 })
	waitFor(t, "the line about it", func() bool { return strings.Contains(tc.text(), "takes documents again") })
	if away := tc.Metric(t, metrics.Prefix+"outage_seconds"); away != 0 {
		t.Errorf("outage_seconds = %v when elasticsearch is back, want 0", away)
	}
	if got := strings.Split(strings.TrimSpace(tc.text()), "\n"); len(got) != 2 ||
		!strings.Contains(got[0], `level=WARN msg="elasticsearch takes no documents, trying again" what="look for `) ||
		!strings.Contains(got[1], `level=INFO msg="elasticsearch takes documents again" away=`) {
		t.Errorf("the log is\n%s\nwant one warning and one end", tc.text())
	}
}

// loggedContext is a context whose log is kept.
type loggedContext struct {
	*connecttest.SinkContext
	mu  sync.Mutex
	log bytes.Buffer
}

func (c *loggedContext) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(c, nil)) }

func (c *loggedContext) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.Write(b)
}

func (c *loggedContext) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

func TestNobodyListeningIsWaitedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = net.Dial("tcp", l.Addr().String())
	if got := judgeRequest(err); got != again {
		t.Errorf("verdict on %v = %d, want %d", err, got, again)
	}
}

func TestStartNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name    string
		product string
		status  int
		want    string
	}{
		{"wrong password", "Elasticsearch", 401, "check connection.username"},
		{"no privilege", "Elasticsearch", 403, "needs the privileges"},
		{"another server", "", 0, "not Elasticsearch 7.14 or newer"},
		{"not found", "", 404, "status 404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeES(t)
			f.product, f.root = c.product, c.status
			got := startError(t, quickly(f.server.URL))
			if !strings.Contains(got, c.want) || !strings.Contains(got, f.server.URL) {
				t.Errorf("error = %q, want %q and the URL in it", got, c.want)
			}
		})
	}
}

func TestOtherDistributionsAreNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"version":{"distribution":"opensearch","number":"3.0.0"}}`))
	}))
	defer server.Close()
	if got := startError(t, quickly(server.URL)); !strings.Contains(got, "opensearch answers") {
		t.Errorf("error = %q, want opensearch named", got)
	}
}

func TestCredentialsAreSent(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"connection.username=elastic,connection.password=secret", "Basic ZWxhc3RpYzpzZWNyZXQ="},
		{"connection.api.key=a2V5", "APIKey a2V5"},
	} {
		var got string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("Authorization")
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			w.Write([]byte(`{"version":{"number":"8.0.0"}}`))
		}))
		props := quickly(server.URL)
		for _, kv := range strings.Split(c.keys, ",") {
			k, v, _ := strings.Cut(kv, "=")
			props[k] = v
		}
		connecttest.StartSink(t, Plugin().Info, &SinkTask{}, props)
		if got != c.want {
			t.Errorf("%s: Authorization = %q, want %q", c.keys, got, c.want)
		}
		server.Close()
	}
}

func TestTLS(t *testing.T) {
	f := unstartedFakeES(t)
	f.server.StartTLS()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.server.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	url := f.server.URL
	byName := strings.Replace(url, "127.0.0.1", "localhost", 1) // The certificate does not name it.

	if got := startError(t, quickly(url)); !strings.Contains(got, "ssl.truststore") {
		t.Errorf("untrusted: error = %q, want the trust store named", got)
	}
	got := startError(t, quickly(byName, "elastic.https.ssl.truststore.location", ca))
	if !strings.Contains(got, "localhost") {
		t.Errorf("wrong name: error = %q, want localhost named", got)
	}
	if got := startError(t, quickly(strings.Replace(url, "https", "http", 1))); !strings.Contains(got, "status 400") {
		t.Errorf("http to https: error = %q", got)
	}
	plain := newFakeES(t)
	got = startError(t, quickly(strings.Replace(plain.server.URL, "http", "https", 1)))
	if !strings.Contains(got, "does not speak TLS") {
		t.Errorf("https to http: error = %q", got)
	}
	for _, props := range []map[string]string{
		quickly(url, "elastic.https.ssl.truststore.location", ca, "elastic.security.protocol", "SSL"),
		quickly(url, "elastic.https.ssl.truststore.certificates", string(text)),
		quickly(byName, "elastic.https.ssl.truststore.location", ca,
			"elastic.https.ssl.endpoint.identification.algorithm", ""),
	} {
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, props)
		s.Open(p0)
		s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
		waitCommit(t, s, p0, 1)
	}
}

func TestCompressedBodiesArrive(t *testing.T) {
	f := newFakeES(t)
	server := httptest.NewServer(gunzip(f))
	defer server.Close()
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(server.URL, "connection.compression", "true"))
	s.Open(p0)
	s.Put(connecttest.Records(p0, 0, numbered(0, 100)...)...)
	waitCommit(t, s, p0, 100)
	if got := len(f.live("access")); got != 100 {
		t.Errorf("documents = %d, want 100", got)
	}
}
