package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// choice is a choice of the sink's settings; none are the defaults.
type choice struct {
	inFlight, batch, linger int
}

func (c choice) String() string {
	if c == (choice{}) {
		return "defaults"
	}
	return fmt.Sprintf("max.in.flight.requests=%d batch.size=%d linger.ms=%d", c.inFlight, c.batch, c.linger)
}

func (c choice) props() map[string]string {
	if c == (choice{}) {
		return nil
	}
	return map[string]string{"max.in.flight.requests": strconv.Itoa(c.inFlight), "batch.size": strconv.Itoa(c.batch),
		"linger.ms": strconv.Itoa(c.linger)}
}

// choices are the defaults, and others of which the best is compared with them.
func choices() []choice {
	list := []choice{{}}
	for _, inFlight := range []int{1, 3, 5} {
		for _, batch := range []int{2000, 5000} {
			for _, linger := range []int{1, 100} {
				list = append(list, choice{inFlight, batch, linger})
			}
		}
	}
	return list
}

// measureElasticsearch runs the sink with its defaults and with other settings, in turn,
// and prints the documents a second and the ratio of the defaults to the best.
func measureElasticsearch(ctx context.Context, o options) error {
	b, done, err := newBench(o)
	if err != nil {
		return err
	}
	defer done()
	fmt.Printf("preparing %d documents ...\n", o.warmup+o.records)
	if err := bench.MakeTopic(ctx, b.client, b.topic, b.o.partitions); err != nil {
		return err
	}
	defer b.admin.DeleteTopics(context.WithoutCancel(ctx), b.topic)
	if err := b.loadDocuments(ctx); err != nil {
		return fmt.Errorf("prepare the topic: %w", err)
	}
	speeds := map[choice][]float64{}
	for round := range o.rounds {
		list := choices()
		// The first one of a round finds a server that has rested, or is cold.
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for i, c := range list {
			r, err := b.documents(ctx, fmt.Sprintf("%s-%d-%d", b.id, round, i), c)
			if err != nil {
				return fmt.Errorf("%s: %w", c, err)
			}
			fmt.Printf("round %d  %8.0f documents/s  %6.2f µs CPU  %5.0f MB  %s\n", round+1, r.warm.Speed, r.warm.CPU,
				r.peak, c)
			speeds[c] = append(speeds[c], r.warm.Speed)
		}
	}
	printBest(speeds)
	return nil
}

// printBest prints the medians of the defaults and of the best other choice.
func printBest(speeds map[choice][]float64) {
	middle := func(c choice) float64 { return bench.Median(speeds[c]) }
	best := slices.MaxFunc(choices()[1:], func(a, b choice) int { return int(middle(a) - middle(b)) })
	fmt.Printf("\ndefaults %.0f documents/s, best %.0f (%s): ratio %.2f\n", middle(choice{}), middle(best), best,
		middle(choice{})/middle(best))
}

// loadDocuments fills the topic with small log documents.
func (b *compared) loadDocuments(ctx context.Context) error {
	random := rand.New(rand.NewPCG(1, 2))
	records := make([]*kgo.Record, 0, 10_000)
	for i := range b.o.warmup + b.o.records {
		records = append(records, &kgo.Record{Topic: b.topic, Value: fmt.Appendf(nil,
			`{"time":%d,"status":%d,"method":"GET","path":"/articles/%d","bytes":%d,"host":"web-%d"}`,
			1700000000000+i, 200+random.IntN(4)*100, random.IntN(10_000), random.IntN(100_000), random.IntN(20))})
		if len(records) == cap(records) || i == b.o.warmup+b.o.records-1 {
			if err := b.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
				return err
			}
			records = records[:0]
		}
	}
	return nil
}

// documents runs the sink once, into an index of its own.
func (b *compared) documents(ctx context.Context, name string, c choice) (result, error) {
	dir := filepath.Join(b.folder(b.dir), name)
	index := b.o.elasticsearch + "/" + name
	const one = `{"settings":{"number_of_shards":1,"number_of_replicas":0}}`
	if _, err := call(ctx, http.MethodPut, index, one); err != nil {
		return result{}, err
	}
	defer call(context.WithoutCancel(ctx), http.MethodDelete, index, "")
	defer b.admin.DeleteGroup(context.WithoutCancel(ctx), "connect-"+name)
	props := map[string]string{"name": name, "tasks.max": "1", "topics": b.topic, "connection.url": b.o.elasticsearch,
		"connector.class":                "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
		"value.converter":                "org.apache.kafka.connect.json.JsonConverter",
		"value.converter.schemas.enable": "false", "schema.ignore": "true", "key.ignore": "true",
		"read.timeout.ms":         "60000", // a request that is sent again would be counted twice
		"external.resource.usage": "INDEX", "topic.to.external.resource.mapping": b.topic + ":" + name}
	for key, value := range c.props() {
		props[key] = value
	}
	return b.records(ctx, b.programs[0], dir, props, func() (int64, error) { return indexed(ctx, index) })
}

// indexed returns how many documents an index has taken; those that cannot be searched
// yet count.
func indexed(ctx context.Context, index string) (int64, error) {
	text, err := call(ctx, http.MethodGet, index+"/_stats/indexing", "")
	if err != nil {
		return 0, err
	}
	var stats struct {
		All struct {
			Primaries struct {
				Indexing struct {
					Total int64 `json:"index_total"`
				} `json:"indexing"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	err = json.Unmarshal(text, &stats)
	return stats.All.Primaries.Indexing.Total, err
}

// call sends a request to Elasticsearch.
func call(ctx context.Context, method, url, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.500s", method, url, resp.Status, text)
	}
	return text, err
}
