package elasticsearch

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/memory"
)

// 200 MB of headers wait for a cluster that is away, in a process of 512 MiB, while
// another topic goes on. Then the cluster is back.
func TestHeadersDoNotFillTheMemoryWhileTheClusterIsAway(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	(*memory.Budget)(nil).LimitRuntime() // as the command does
	var away atomic.Bool
	away.Store(true)
	elsewhere, here := newFakeES(t), newFakeES(t)
	elsewhere.onBulk = func(int, []fakeOp) *fault {
		if away.Load() {
			return &fault{status: 503}
		}
		return nil
	}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{Plugin()}}, nil)
	for name, f := range map[string]*fakeES{"heavy": elsewhere, "light": here} {
		w.CreateTopic(name, 1)
		props := quickly(f.server.URL, "name", name, "topics", name, "connector.class", "ElasticsearchSink",
			"read.timeout.ms", "60000", "value.converter", workertest.JSONConverter)
		w.Start(props)
	}
	headers := map[string]string{"trace": strings.Repeat("x", 32<<10)}
	const rounds, each = 12, 500
	for n := range rounds {
		records := make([]workertest.Record, each)
		for i := range records {
			records[i] = workertest.Record{Topic: "heavy", Value: []byte(`{"a":1}`), Headers: headers}
		}
		w.ProduceRecords(records...)
		w.Produce("light", fmt.Sprintf(`{"n":%d}`, n))
	}
	w.Eventually("the other topic to go on", func() bool { return len(here.live("light")) == rounds })
	if got := len(elsewhere.live("heavy")); got != 0 {
		t.Fatalf("%d documents are in a cluster that is away", got)
	}
	away.Store(false)
	w.Eventually("what waited to arrive", func() bool { return len(elsewhere.live("heavy")) == rounds*each })
}

// What is held until a dead letter is acknowledged counts too.
func TestRecordsThatWaitForTheirDeadLetterCount(t *testing.T) {
	f := newFakeES(t)
	f.onItem = refuseAll(400, "document_parsing_exception")
	s := startSink(t, f, "max.buffered.bytes", "100000")
	s.Context.HoldReports()
	for i := range int64(50) {
		s.Put(connecttest.Records(p0, 2*i, `{"a":1}`, "not a document")...)
	}
	waitFor(t, "all to be refused", func() bool { return len(s.Context.Reports()) == 100 })
	if got := metric(t, s, "buffered_records"); got != 100 {
		t.Errorf("%v records are buffered, want the 100 that wait for their dead letters", got)
	}
	s.Context.AckReports(nil)
	waitCommit(t, s, p0, 100)
	if n, size := metric(t, s, "buffered_records"), metric(t, s, "buffered_bytes"); n != 0 || size != 0 {
		t.Errorf("buffered = %v records, %v bytes, want none", n, size)
	}
}

// What a task counts is what it holds: bytes of every kind, and not the data that a
// transform made.
func TestAHeldRecordIsCountedWhole(t *testing.T) {
	r := connecttest.Records(p0, 0, `{"a":1}`)[0]
	before := sizeOf(r)
	r.Headers = []connect.Header{{Key: "name", Raw: make([]byte, 1000), Value: map[string]any{}}}
	changed := &connect.SinkRecord{Record: r.Record, OriginalTopic: r.OriginalTopic, Original: &r.Record}
	changed.Value = connect.Decoded(nil, map[string]any{"a": make([]byte, 1<<20)})
	kept := bare(changed)
	if got, want := sizeOf(kept), before+1004+headerOverhead; got != want {
		t.Errorf("record counts as %d bytes, want %d", got, want)
	}
	if kept.Original != nil || kept.Headers[0].Value != nil || string(kept.Value.Bytes()) != `{"a":1}` {
		t.Errorf("kept = %+v, want the bytes from Kafka alone", kept)
	}
}
