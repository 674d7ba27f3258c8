//go:build integration && bench

package elasticsearch

import (
	"bytes"
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// BenchmarkPeers writes the same documents with this sink and with the bulk
// indexer of Elasticsearch's own client, in turn, on the real server:
//
//	go test -tags integration,bench -run '^$' -bench Peers -benchtime 3x ./connectors/elasticsearch
func BenchmarkPeers(b *testing.B) {
	url := sharedES(b)
	const docs = 200000
	sink := func(more ...string) func(*testing.B) {
		return func(b *testing.B) {
			measure(b, url, docs, func(b *testing.B, url, index string, docs int) time.Duration {
				return sinkOnce(b, url, index, docs, more...)
			})
		}
	}
	b.Run("sink", sink())
	b.Run("sink-3-in-flight", sink("max.in.flight.requests", "3", "batch.size", "5000"))
	b.Run("sink-keyed", sink("key.ignore", "false"))
	b.Run("esutil", func(b *testing.B) { measure(b, url, docs, esutilOnce) })
}

// measure reports the rate and the client's CPU time per document.
func measure(b *testing.B, url string, docs int, once func(b *testing.B, url, index string, docs int) time.Duration) {
	var cpu time.Duration
	for b.Loop() {
		index := fmt.Sprintf("es-bench-%d", time.Now().UnixNano())
		call(b, "PUT", url+"/"+index, `{"settings":{"number_of_shards":1,"number_of_replicas":0}}`)
		cpu += once(b, url, index, docs)
		b.StopTimer()
		if got := count(b, url, index); got != docs {
			b.Fatalf("%d documents, want %d", got, docs)
		}
		call(b, "DELETE", url+"/"+index, "")
		b.StartTimer()
	}
	total := float64(docs) * float64(b.N)
	b.ReportMetric(total/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(cpu.Nanoseconds())/total, "cpu-ns/doc")
}

func sinkOnce(b *testing.B, url, index string, docs int, more ...string) time.Duration {
	b.StopTimer()
	p := connect.TopicPartition{Topic: index}
	props := quickly(url, append([]string{"read.timeout.ms", "60000"}, more...)...)
	s := connecttest.StartSink(b, Plugin().Info, &SinkTask{}, props)
	s.Open(p)
	records := make([]*connect.SinkRecord, 0, docs)
	for i := range docs {
		records = append(records, keyed(p, int64(i), fmt.Sprintf("key-%d", i), accessDocument))
	}
	b.StartTimer()
	cpu := cpuTime()
	for len(records) > 0 {
		await(func() bool { return !s.Context.Paused(p) })
		n := min(500, len(records))
		s.Put(records[:n]...)
		records = records[n:]
	}
	await(func() bool { return s.Commit()[p] == int64(docs) })
	cpu = cpuTime() - cpu
	b.ReportMetric(float64(docs)/metric(b, s, "bulk_requests_total"), "docs/request")
	s.Stop()
	return cpu
}

// await looks every millisecond whether a condition holds.
func await(cond func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !cond() {
		<-tick.C
	}
}

func esutilOnce(b *testing.B, url, index string, docs int) time.Duration {
	b.StopTimer()
	es, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{url}})
	if err != nil {
		b.Fatal(err)
	}
	bi, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: es, Index: index})
	if err != nil {
		b.Fatal(err)
	}
	doc := []byte(accessDocument)
	b.StartTimer()
	cpu := cpuTime()
	for i := range docs {
		if err := bi.Add(context.Background(), esutil.BulkIndexerItem{Action: "index",
			DocumentID: fmt.Sprintf("%s+0+%d", index, i), Body: bytes.NewReader(doc)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := bi.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	return cpuTime() - cpu
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
