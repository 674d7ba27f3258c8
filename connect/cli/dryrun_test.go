package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli/internal/samples"
	"github.com/suiro/suiro/connect/worker/dryrun"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// orders are records of which some are bad.
const orders = `{"key": "a", "value": {"order": 1, "amount": "2"}}
{"key": "b", "value": {"order": 2, "amount": "two"}}
{"key": "c", "value": {"order": 3, "amount": 1, "test": true}}
{"key": "d", "value": "not json"}
{"key": "e", "value": {"order": 5, "amount": "7"}}
`

// A dry run says of each record what a worker does with it.
func TestDryRunSaysWhatAWorkerDoes(t *testing.T) {
	kafka := startKafka(t, kfake.SeedTopics(1, "orders", "rejected"))
	out := filepath.Join(t.TempDir(), "totals.jsonl")
	sink := writeFile(t, "sink.json", `{"name": "totals", "config": {
		"connector.class": "FileStreamSink", "file": "`+out+`", "topics": "orders",
		"consumer.override.auto.offset.reset": "earliest",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
		"predicates": "test", "predicates.test.type": "RecordMatches", "predicates.test.expression": "value.test == true",
		"transforms": "no-tests,cast",
		"transforms.no-tests.type": "Filter", "transforms.no-tests.predicate": "test",
		"transforms.cast.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.cast.spec": "amount:int32",
		"errors.tolerance": "all", "errors.deadletterqueue.topic.name": "rejected",
		"errors.deadletterqueue.context.headers.enable": "true",
		"errors.deadletterqueue.topic.replication.factor": "1"}}`)
	worker := workerFile(t, kafka, anyPort)
	said, rejections := "", []string{}
	for _, r := range dryRun(t, worker, sink, orders) {
		last := r.Stages[len(r.Stages)-1]
		switch {
		case r.Rejection != nil:
			rejections = append(rejections, fmt.Sprintln(r.Rejection.Stage, r.Rejection.Class, r.Rejection.Reason))
		case r.Outcome == "passed":
			said += string(last.Value) + "\n"
		}
	}

	produceSamples(t, kafka, orders)
	ctx, cancel := context.WithCancel(t.Context())
	code, log := make(chan int), &output{}
	go func() { code <- run(ctx, []string{"connect", "--config", worker, sink}, io.Discard, log) }()
	waitFor(t, "the lines that the dry run has said", log, func() bool {
		text, _ := os.ReadFile(out)
		return string(text) == said
	})
	for i, letter := range kafkatest.Consume(t, []string{kafka}, "rejected", len(rejections)) {
		headers := map[string]string{}
		for _, h := range letter.Headers {
			headers[strings.TrimPrefix(h.Key, "__connect.errors.")] = string(h.Value)
		}
		got := fmt.Sprintln(headers["stage"], headers["class.name"], headers["exception.message"])
		if got != rejections[i] {
			t.Errorf("dead letter %d: %s, and the dry run said %s", i, got, rejections[i])
		}
	}
	cancel()
	if got := <-code; got != ExitOK || len(rejections) != 2 {
		t.Errorf("exit code %d, %d rejections", got, len(rejections))
	}
}

// dryRunRecord is a record in JSON.
type dryRunRecord struct {
	Record, Line int
	dryrun.Result
}

// dryRun runs records through a connector, from the standard input.
func dryRun(t *testing.T, worker, connector, records string) (out []dryRunRecord) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := Command(builtin.Plugins())
	root.SetArgs([]string{"connect", "dry-run", "--config", worker, connector, "--input", "-", "-o", "json"})
	root.SetIn(strings.NewReader(records))
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	if code := Execute(t.Context(), root); code != ExitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for d := json.NewDecoder(&stdout); d.More(); {
		var r dryRunRecord
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func produceSamples(t *testing.T, kafka, records string) {
	t.Helper()
	var list []*kgo.Record
	in := samples.NewReader(strings.NewReader(records), samples.Auto)
	for s, err := in.Next(); err == nil; s, err = in.Next() {
		r, err := s.Consumed(samples.Defaults{Topic: "orders"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	kafkatest.Produce(t, []string{kafka}, list...)
}
