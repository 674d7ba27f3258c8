package main

import (
	"cmp"
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

// choices are those that are compared with the defaults.
func choices() []choice {
	var list []choice
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
// and prints the documents a second and the ratio of the defaults to the best. A server
// is quicker at some times than at others, as it merges what it has taken before: so each
// choice runs between two runs of the defaults and is compared with them alone.
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
	ratios := map[choice][]float64{}
	for round := range o.rounds {
		before, err := b.speed(ctx, round, "defaults", choice{})
		if err != nil {
			return err
		}
		list := choices()
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for i, c := range list {
			own, err := b.speed(ctx, round, strconv.Itoa(i), c)
			if err != nil {
				return err
			}
			after, err := b.speed(ctx, round, fmt.Sprintf("%d-defaults", i), choice{})
			if err != nil {
				return err
			}
			ratios[c] = append(ratios[c], (before+after)/2/own)
			before = after
		}
	}
	printRatios(ratios)
	return nil
}

// speed runs the sink once and prints what it has measured. run names it in its round.
func (b *compared) speed(ctx context.Context, round int, run string, c choice) (float64, error) {
	r, err := b.documents(ctx, fmt.Sprintf("%s-%d-%s", b.id, round, run), c)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c, err)
	}
	fmt.Printf("round %d  %8.0f documents/s  %6.2f µs CPU  %5.0f MB  %s\n", round+1, r.warm.Speed, r.warm.CPU, r.peak, c)
	return r.warm.Speed, nil
}

// printRatios prints how fast the defaults are beside each choice, the median of the
// rounds, best choice first.
func printRatios(ratios map[choice][]float64) {
	list := choices()
	slices.SortFunc(list, func(a, b choice) int { return cmp.Compare(bench.Median(ratios[a]), bench.Median(ratios[b])) })
	fmt.Println("\ndefaults ÷ choice, in documents a second:")
	for _, c := range list {
		fmt.Printf("  %.2f  %s\n", bench.Median(ratios[c]), c)
	}
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
