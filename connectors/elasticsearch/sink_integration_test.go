//go:build integration

package elasticsearch

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// unavailable skips the test, or fails it where services are required.
func unavailable(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// sharedES returns the address of the Elasticsearch that tests share.
func sharedES(t testing.TB) string {
	t.Helper()
	url := os.Getenv("SUIRO_ES")
	if url == "" {
		unavailable(t, "SUIRO_ES is not set: run scripts/services/elasticsearch.sh up, then env")
	}
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	return url
}

// node is an Elasticsearch of this test's own.
type node struct {
	t   *testing.T
	env []string
	url string
}

// ownES starts an Elasticsearch with more lines of configuration on its own
// ports and data; it is stopped when the test ends.
func ownES(t *testing.T, settings string) *node {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		unavailable(t, "javac is not on PATH: install a JDK of version 17 or newer")
	}
	base := freeBlock(t)
	n := &node{t: t, url: fmt.Sprintf("http://127.0.0.1:%d", base+20), env: append(os.Environ(),
		fmt.Sprintf("SUIRO_SERVICES_PORT=%d", base), "SUIRO_SERVICES_STATE="+t.TempDir(),
		"SUIRO_ES_SETTINGS="+settings, "SUIRO_ES_HEAP=512m")}
	t.Cleanup(func() { n.run("down") })
	if n.run("up"); t.Failed() {
		t.FailNow()
	}
	return n
}

func (n *node) run(verb string) {
	n.t.Helper()
	cmd := exec.Command("../../scripts/services/elasticsearch.sh", verb)
	cmd.Env = n.env
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Errorf("elasticsearch.sh %s: %v\n%s", verb, err, out)
	}
}

// kill ends the server with kill -9 and waits until its port is free.
func (n *node) kill() {
	n.t.Helper()
	n.run("kill")
	waitFor(n.t, "the port to be free", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
}

// freeBlock finds a block of ports whose Elasticsearch port is free.
func freeBlock(t *testing.T) int {
	t.Helper()
	for base := 20000; base < 28000; base += 100 {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+20)); err == nil {
			l.Close()
			return base
		}
	}
	t.Fatal("no free port")
	return 0
}

// call makes one request and returns the body of its answer.
func call(t testing.TB, method, url, body string) []byte {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		t.Fatalf("%s %s: status %d: %s (%v)", method, url, res.StatusCode, b, err)
	}
	return b
}

// count returns how many documents an index holds.
func count(t testing.TB, url, index string) int {
	t.Helper()
	var answer struct{ Count int }
	call(t, "POST", url+"/"+index+"/_refresh", "")
	if err := json.Unmarshal(call(t, "GET", url+"/"+index+"/_count", ""), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Count
}

// distinct returns how many different values of the long field n are there.
func distinct(t testing.TB, url, index string) int {
	t.Helper()
	var answer struct {
		Aggregations struct{ D struct{ Value int } }
	}
	body := `{"size":0,"aggs":{"d":{"cardinality":{"field":"n","precision_threshold":40000}}}}`
	if err := json.Unmarshal(call(t, "POST", url+"/"+index+"/_search", body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Aggregations.D.Value
}

// topicFor returns a topic, and so an index, that nobody else uses.
func topicFor(t testing.TB, url string) connect.TopicPartition {
	t.Helper()
	name := strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	name = fmt.Sprintf("es-sink-%s-%d", name, time.Now().UnixNano())
	t.Cleanup(func() {
		if req, err := http.NewRequest("DELETE", url+"/"+name, nil); err == nil {
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
		}
	})
	return connect.TopicPartition{Topic: name}
}

// accessLines makes n documents of an access log's shape.
func accessLines(first, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"n":%d,`, first+i) + accessDocument[1:]
	}
	return out
}

// sinkAll puts all records as a worker would, waiting while partitions are
// paused, and returns once all are safe.
func sinkAll(t *testing.T, s *connecttest.Sink, p connect.TopicPartition, total int, during func(put int)) {
	t.Helper()
	s.Open(p)
	const poll = 500
	for first := 0; first < total; first += poll {
		waitFor(t, "a partition that is not paused", func() bool { return !s.Context.Paused(p) })
		s.Put(connecttest.Records(p, int64(first), accessLines(first, min(poll, total-first))...)...)
		if during != nil {
			during(first + poll)
		}
	}
	waitFor(t, "the commit of all", func() bool {
		s.Put()
		return s.Commit()[p] == int64(total)
	})
}

func TestEveryDocumentArrivesOnce(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	for run := range 2 {
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "read.timeout.ms", "30000"))
		sinkAll(t, s, p, 10000, nil)
		s.Stop()
		if got := count(t, url, p.Topic); got != 10000 {
			t.Errorf("run %d: %d documents, want 10000", run+1, got)
		}
		if got := len(s.Context.Reports()); got != 0 {
			t.Errorf("run %d: %d reports", run+1, got)
		}
	}
	if got := distinct(t, url, p.Topic); got != 10000 {
		t.Errorf("%d different documents, want 10000", got)
	}
}

func TestKeysVersionsAndDeletesOnTheRealServer(t *testing.T) {
	url := sharedES(t)
	for _, method := range []string{"insert", "upsert"} {
		p := topicFor(t, url)
		p.Topic += method
		for range 2 {
			s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "key.ignore", "false", "write.method", method,
				"behavior.on.null.values", "delete", "batch.size", "7"))
			s.Open(p)
			var records []*connect.SinkRecord
			for i := range int64(100) {
				records = append(records, keyed(p, i, fmt.Sprintf("k%d", i%10), fmt.Sprintf(`{"n":%d}`, i)))
			}
			s.Put(append(records, keyed(p, 100, "k3", ""))...)
			waitCommit(t, s, p, 101)
			s.Stop()
			if got := s.Context.Reports(); len(got) != 0 {
				t.Fatalf("%s: reports: %v", method, got[0].Reason)
			}
		}
		if got := count(t, url, p.Topic); got != 9 {
			t.Errorf("%s: %d documents, want 9", method, got)
		}
		var doc struct {
			Source struct{ N int } `json:"_source"`
		}
		if err := json.Unmarshal(call(t, "GET", url+"/"+p.Topic+"/_doc/k9", ""), &doc); err != nil || doc.Source.N != 99 {
			t.Errorf("%s: k9 = %+v (%v), want 99", method, doc, err)
		}
		call(t, "DELETE", url+"/"+p.Topic, "")
	}
}

func TestRefusedDocumentsAreReportedByTheRealServer(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "schema.ignore", "false"))
	s.Open(p)
	schema := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "n", Schema: &data.Schema{Kind: data.Int32}},
		{Name: "at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName, Optional: true}},
		{Name: "day", Schema: &data.Schema{Kind: data.Int32, Name: data.DateName, Optional: true}},
	}}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	records := connecttest.Records(p, 0, "", `{"n":"no number"}`, `{"n":2}`)
	records[0].Value = connect.Decoded(schema, map[string]any{"n": int32(1), "at": at, "day": at})
	s.Put(records...)
	waitCommit(t, s, p, 3)
	reports := s.Context.Reports()
	if len(reports) != 1 || reports[0].Record.Offset != 1 {
		t.Fatalf("reports = %v, want one of offset 1", reports)
	}
	reason := reports[0].Reason.(*connect.Reason)
	if reason.Headers[typeHeader] != "document_parsing_exception" || reason.Headers[statusHeader] != "400" {
		t.Errorf("headers = %v", reason.Headers)
	}
	mapping := string(call(t, "GET", url+"/"+p.Topic+"/_mapping", ""))
	for _, want := range []string{`"n":{"type":"integer"}`, `"at":{"type":"date"}`, `"day":{"type":"date"}`} {
		if !strings.Contains(mapping, want) {
			t.Errorf("mapping = %s, want %s in it", mapping, want)
		}
	}
	hits := string(call(t, "POST", url+"/"+p.Topic+"/_refresh", "")) +
		string(call(t, "GET", url+"/"+p.Topic+"/_search?q=day:2026-01-02%20AND%20at:2026-01-02", ""))
	if !strings.Contains(hits, `"value":1`) {
		t.Errorf("search by date = %s, want one hit", hits)
	}
}

func TestClosedIndexIsWaitedFor(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	call(t, "PUT", url+"/"+p.Topic, `{"settings":{"number_of_replicas":0}}`)
	call(t, "POST", url+"/"+p.Topic+"/_close", "")
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url))
	s.Open(p)
	s.Put(connecttest.Records(p, 0, numbered(0, 10)...)...)
	waitFor(t, "some retries", func() bool { return metric(t, s, "retries_total") > 3 })
	call(t, "POST", url+"/"+p.Topic+"/_open", "")
	waitCommit(t, s, p, 10)
	if docs, reports := count(t, url, p.Topic), len(s.Context.Reports()); docs != 10 || reports != 0 {
		t.Errorf("%d documents and %d reports, want 10 and 0", docs, reports)
	}
}

func TestDataStreamOnTheRealServer(t *testing.T) {
	url := sharedES(t)
	name := fmt.Sprintf("es%d", time.Now().UnixNano())
	stream := "logs-" + name + "-test"
	call(t, "PUT", url+"/_index_template/"+name,
		`{"index_patterns":["`+stream+`*"],"data_stream":{},"priority":900,"template":{"mappings":{"properties":`+
			`{"@timestamp":{"type":"date"}}}}}`)
	defer func() {
		call(t, "DELETE", url+"/_data_stream/"+stream, "")
		call(t, "DELETE", url+"/_index_template/"+name, "")
	}()
	p := connect.TopicPartition{Topic: name}
	for range 2 {
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "data.stream.type", "logs",
			"data.stream.dataset", name, "data.stream.namespace", "test", "data.stream.timestamp.field", "time"))
		sinkAll(t, s, p, 100, nil)
		s.Stop()
		if got := s.Context.Reports(); len(got) != 0 {
			t.Fatalf("reports: %v", got[0].Reason)
		}
	}
	if got := count(t, url, stream); got != 100 {
		t.Errorf("%d documents, want 100", got)
	}
}

func TestOverloadAndKillLoseNothing(t *testing.T) {
	n := ownES(t, "thread_pool.write.size: 1;thread_pool.write.queue_size: 1;http.max_content_length: 200kb")
	p := connect.TopicPartition{Topic: "overload"}

	t.Run("429 and 413", func(t *testing.T) {
		call(t, "PUT", n.url+"/"+p.Topic, `{"settings":{"number_of_shards":5,"number_of_replicas":0}}`)
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(n.url, "retry.backoff.ms", "10",
			"max.in.flight.requests", "8", "read.timeout.ms", "30000"))
		sinkAll(t, s, p, 8000, nil)
		retries := metric(t, s, "retries_total")
		limit := s.Task.(*SinkTask).running.Load().sender.lanes.limit
		t.Logf("requests %v, retries %v, limit lowered to %d bytes",
			metric(t, s, "bulk_requests_total"), retries, limit)
		if retries == 0 {
			t.Error("no 429 happened: the test proves nothing")
		}
		if limit >= 5<<20 {
			t.Error("no 413 happened: the test proves nothing")
		}
		wantAll(t, n, p, s, 8000)
	})

	t.Run("no room for a shard", func(t *testing.T) {
		p := connect.TopicPartition{Topic: "crowded"}
		limit := func(most string) {
			call(t, "PUT", n.url+"/_cluster/settings", `{"persistent":{"cluster.max_shards_per_node":`+most+`}}`)
		}
		limit("1")
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(n.url))
		s.Open(p)
		s.Put(connecttest.Records(p, 0, numbered(0, 10)...)...)
		waitFor(t, "some retries", func() bool { return metric(t, s, "retries_total") > 3 })
		limit("null")
		waitCommit(t, s, p, 10)
		wantAll(t, n, p, s, 10)
	})

	t.Run("kill", func(t *testing.T) {
		p := connect.TopicPartition{Topic: "killed"}
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(n.url,
			"max.buffered.records", "2000", "retry.backoff.ms", "50"))
		var restarted chan struct{}
		sinkAll(t, s, p, 20000, func(put int) {
			if put != 10000 {
				return
			}
			n.kill()
			restarted = make(chan struct{})
			go func() {
				defer close(restarted)
				n.run("up")
			}()
		})
		<-restarted
		wantAll(t, n, p, s, 20000)
	})
}

// wantAll checks that the index holds each record once and that none was
// reported.
func wantAll(t *testing.T, n *node, p connect.TopicPartition, s *connecttest.Sink, total int) {
	t.Helper()
	if got := count(t, n.url, p.Topic); got != total {
		t.Errorf("%d documents, want %d", got, total)
	}
	if got := distinct(t, n.url, p.Topic); got < total*98/100 || got > total*102/100 {
		t.Errorf("about %d different documents, want %d", got, total)
	}
	if got := s.Context.Reports(); len(got) != 0 {
		t.Errorf("%d reports, the first: %v", len(got), got[0].Reason)
	}
}
