package examples_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// run turns LTSV into JSON until ctx is done. The keys of config are Kafka's.
func run(ctx context.Context, config map[string]string) error {
	encoder, err := ltsvjson.New(nil)
	if err != nil {
		return err
	}
	b := streams.NewBuilder()
	logs := streams.Stream(b, "access-ltsv", streams.Bytes(), streams.Bytes())
	json := streams.MapValues(logs, func(line []byte) ([]byte, error) { return encoder.Append(nil, line) })
	streams.To(json, "access-json", streams.Bytes(), streams.Bytes())
	topology, err := b.Build()
	if err != nil {
		return err
	}
	app, err := streams.New(topology, config, nil)
	if err != nil {
		return err
	}
	return app.Run(ctx)
}

func TestReadmeShowsThisApp(t *testing.T) {
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "\n\n// run turns")
	body, _, found := strings.Cut(rest, "\n}\n")
	if want := "```go\n// run turns" + body + "\n}\n```\n"; !found || !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not show the app of this file:\n%s", want)
	}
}

func TestReadmeAppRuns(t *testing.T) {
	kafka := kafkatest.Start(t, kfake.SeedTopics(1, "access-ltsv", "access-json"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, map[string]string{
			"application.id": "readme", "bootstrap.servers": kafka.ListenAddrs()[0], "state.dir": t.TempDir(),
		})
	}()
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...), kgo.ConsumeTopics("access-json"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	line := &kgo.Record{Topic: "access-ltsv", Value: []byte("host:a\tstatus:200")}
	if err := cl.ProduceSync(ctx, line).FirstErr(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for len(got) == 0 && ctx.Err() == nil {
		for _, r := range cl.PollFetches(ctx).Records() {
			got = append(got, string(r.Value))
		}
	}
	if want := `{"host":"a","status":"200"}`; strings.Join(got, " ") != want {
		t.Errorf("access-json holds %q, want %s", got, want)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run = %v after its context was done, want nil", err)
	}
}
