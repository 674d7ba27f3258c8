//go:build integration

package demo

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	jsonavro "github.com/suiro/suiro/examples/json-avro/app"
	"github.com/suiro/suiro/internal/accesslog"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// childOptions is the variable that makes this test program a demo.
const childOptions = "SUIRO_TEST_DEMO_OPTIONS"

func TestMain(m *testing.M) {
	text := os.Getenv(childOptions)
	if text == "" {
		os.Exit(m.Run())
	}
	var o Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	o.Plugins, o.Out = plugins(), os.Stdout
	if err := Run(context.Background(), o); err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// killed runs a demo in a process of its own and kills it with SIGKILL once
// the topic holds so many records that are committed.
func killed(t *testing.T, o Options, topic string, records int64) {
	t.Helper()
	text, err := json.Marshal(struct {
		Name, Dir, File, Elasticsearch, Store, Metastore, HiveServer string
		Kafka                                                        map[string]string
	}{o.Name, o.Dir, o.File, o.Elasticsearch, o.Store, o.Metastore, o.HiveServer, o.Kafka})
	if err != nil {
		t.Fatal(err)
	}
	out := &output{}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), childOptions+"="+string(text)), out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	counts, err := tally.Open([]kgo.Opt{kgo.SeedBrokers(o.Kafka[services.BootstrapServers])}, []string{topic}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer counts.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for counts.Records(topic) < records {
		if pause(ctx, 5*time.Millisecond) != nil {
			t.Fatalf("%s holds %d records after a minute, want %d:\n%s", topic, counts.Records(topic), records, out)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if strings.Contains(out.String(), "stage  ") {
		t.Fatalf("the demo was at its end before it was killed:\n%s", out)
	}
}

// numbered gives each line of a log a uri of its own.
func numbered(log []byte) []byte {
	lines := strings.SplitAfter(string(log), "\n")
	uri := regexp.MustCompile("\turi:[^\t]*")
	for i, line := range lines {
		lines[i] = uri.ReplaceAllLiteralString(line, "\turi:/"+strconv.Itoa(i))
	}
	return []byte(strings.Join(lines, ""))
}

// wantEachOnce reads a topic and wants the uri of each of n lines once.
func wantEachOnce(t *testing.T, o Options, topic string, n int, uri func([]byte) (string, error)) {
	t.Helper()
	counts, err := tally.Open([]kgo.Opt{kgo.SeedBrokers(o.Kafka[services.BootstrapServers])}, []string{topic},
		map[string]int{topic: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer counts.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := counts.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, r := range counts.Remembered(topic) {
		u, err := uri(r.Value)
		if err != nil {
			t.Fatalf("%s-%d at %d: %v", topic, r.Partition, r.Offset, err)
		}
		times[u]++
	}
	wrong := 0
	for i := range n {
		if got := times["/"+strconv.Itoa(i)]; got != 1 {
			wrong++
		}
	}
	if wrong > 0 || len(times) != n {
		t.Errorf("%s: %d of %d lines are not in it exactly once, and it holds %d different lines",
			topic, wrong, n, len(times))
	}
}

func uriOfJSON(value []byte) (string, error) {
	var r struct{ URI string }
	err := json.Unmarshal(value, &r)
	return r.URI, err
}

func uriOfAvro(codec *avro.Codec) func([]byte) (string, error) {
	return func(value []byte) (string, error) {
		v, err := codec.Decode(value)
		if err != nil {
			return "", err
		}
		return v.(map[string]any)["uri"].(string), nil
	}
}

func TestFullDemoKilledOnTheWayLosesAndRepeatsNothing(t *testing.T) {
	const lines = 60_000
	o := full(t)
	o.File = writeFile(t, "access.log", numbered(logOf(t, accesslog.Options{Lines: lines, Seed: 10})))
	killed(t, o, o.Name+"-"+accessLTSV, lines/4)
	killed(t, o, o.Name+"-"+accessJSON, lines/2)
	o.Dir = filepath.Join(t.TempDir(), "other") // the third has another disk
	killed(t, o, o.Name+"-"+accessAvro, 3*lines/4)
	out, err := try(t, o, nil)
	if err != nil {
		t.Fatalf("demo after three kills: %v\n%s", err, out)
	}
	wantTable(t, out, wholeFull(lines))
	codec, err := avro.ParseCodec(jsonavro.Schema())
	if err != nil {
		t.Fatal(err)
	}
	wantEachOnce(t, o, o.Name+"-"+accessJSON, lines, uriOfJSON)
	wantEachOnce(t, o, o.Name+"-"+accessAvro, lines, uriOfAvro(codec))
}
