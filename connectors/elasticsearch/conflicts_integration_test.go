//go:build integration

package elasticsearch

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/converters"
)

// numberIn returns the field n of a document.
func numberIn(t *testing.T, url, index, id string) int {
	t.Helper()
	var doc struct {
		Source struct{ N int } `json:"_source"`
	}
	if err := json.Unmarshal(call(t, "GET", url+"/"+index+"/_doc/"+id, ""), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Source.N
}

func TestTopicCreatedAgainIsAConflictOnTheRealServer(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	start := func(behavior string) *connecttest.Sink {
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "key.ignore", "false",
			"behavior.on.null.values", "delete", "behavior.on.version.conflicts", behavior))
		s.Open(p)
		return s
	}
	old := start("warn")
	old.Put(keyed(p, 500, "a", `{"n":500}`), keyed(p, 501, "b", `{"n":501}`))
	waitCommit(t, old, p, 502)
	old.Stop()
	for run, behavior := range []string{"warn", "fail"} { // the second reads the topic again
		s := start(behavior)
		s.Put(keyed(p, 0, "a", `{"n":0}`), keyed(p, 1, "b", ""), keyed(p, 2, "c", `{"n":2}`), keyed(p, 3, "d", ""))
		waitCommit(t, s, p, 4)
		wantCounts(t, s, 2, 2, float64(2*run))
		if got := len(s.Context.Reports()); got != 2*run {
			t.Errorf("%s: %d reports, want %d", behavior, got, 2*run)
		}
		s.Stop()
	}
	if a, b := numberIn(t, url, p.Topic, "a"), numberIn(t, url, p.Topic, "b"); a != 500 || b != 501 {
		t.Errorf("a and b hold %d and %d, want 500 and 501", a, b)
	}
}

func TestOneKeyInTwoPartitionsOnTheRealServer(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	q := connect.TopicPartition{Topic: p.Topic, Partition: 1}
	for range 2 { // the second run is a replay of all
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "key.ignore", "false"))
		s.Open(p, q)
		s.Put(keyed(p, 7, "k", `{"n":7}`), keyed(p, 8, "l", `{"n":8}`))
		waitCommit(t, s, p, 9)
		s.Put(keyed(q, 2, "k", `{"n":2}`))
		waitCommit(t, s, q, 3)
		s.Put(keyed(q, 7, "k", `{"n":1007}`))
		waitCommit(t, s, q, 8)
		wantCounts(t, s, 3, 1, 0)
		s.Stop()
	}
	if got := numberIn(t, url, p.Topic, "k"); got != 1007 {
		t.Errorf("k holds %d, want that of the last write of its version, 1007", got)
	}
}

func TestDataStreamKeepsTheFirstOfAKeyOnTheRealServer(t *testing.T) {
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
		s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, "key.ignore", "false",
			"data.stream.type", "logs", "data.stream.dataset", name, "data.stream.namespace", "test",
			"data.stream.timestamp.field", "time", "behavior.on.version.conflicts", "fail"))
		s.Open(p)
		s.Put(keyed(p, 0, "k", `{"time":1000, "n":0}`), keyed(p, 1, "k", `{"time":2000,"n":1}`),
			keyed(p, 2, "l", `{"time":3000,"n":2}`))
		waitCommit(t, s, p, 3)
		wantCounts(t, s, 2, 1, 1)
		if got := s.Context.Reports(); len(got) != 1 || got[0].Record.Offset != 1 {
			t.Errorf("reports = %v, want one of offset 1", got)
		}
		s.Stop()
	}
	if got := count(t, url, stream); got != 2 {
		t.Errorf("%d documents, want 2", got)
	}
}

// jsonConverter is the JsonConverter of a topic whose messages hold no schema.
func jsonConverter(t testing.TB) connect.Converter {
	t.Helper()
	plugin := converters.JSONPlugin()
	c, err := plugin.New(connecttest.Parse(t, plugin.Info, map[string]string{"schemas.enable": "false"}), false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNameTwiceInAnObjectOnTheRealServer(t *testing.T) {
	url := sharedES(t)
	p := topicFor(t, url)
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url))
	s.Open(p)
	records := connecttest.Records(p, 0, `{"n":1,"n":2}`, `{"o":{"n":1,"n":2},"n":3}`, `{"n":4,"\u006e":5}`)
	for _, r := range records {
		r.Value = connect.Undecoded(p.Topic, r.Value.Bytes(), jsonConverter(t))
	}
	s.Put(records...)
	waitCommit(t, s, p, 3)
	if got := s.Context.Reports(); len(got) > 0 {
		t.Errorf("%d reports, the first: %v", len(got), got[0].Reason)
	}
	for offset, want := range []int{2, 3, 5} {
		if got := numberIn(t, url, p.Topic, fmt.Sprintf("%s+0+%d", p.Topic, offset)); got != want {
			t.Errorf("document %d has n %d, want the last one, %d", offset, got, want)
		}
	}
}
