//go:build integration

package app_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/kill/verify"
)

// records is how many records a trial has, seed decides all of them.
const (
	records = 100_000
	seed    = 1
)

// session is session.timeout.ms of the apps, as short as brokers allow.
const session = 6 * time.Second

// kafka returns the address of a real broker.
func kafka(t *testing.T) string {
	t.Helper()
	return kafkatest.Real(t)[0]
}

// programs holds the example programs once they are built.
var programs = struct {
	sync.Mutex
	dir string
}{}

// program builds an example and returns its path.
func program(t *testing.T, name string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	path := filepath.Join(programs.dir, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	out, err := exec.Command("go", "build", "-o", path, "github.com/suiro/suiro/examples/"+name).CombinedOutput()
	if err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "streams-programs-")
	if err != nil {
		panic(err)
	}
	programs.dir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// app is the command line of an example, with flags of the trial's own.
func appFlags(t *testing.T, name string, flags ...string) []string {
	return append([]string{program(t, name), "--bootstrap-servers", "{bootstrap}", "--application-id", "{application.id}",
		"--input-topic", "{input}", "--output-topic", "{output}", "--state-dir", "{state}", "--http-listen", "{http}",
		"--errors-dead-letter-queue-topic-name", "{application.id}-dlq", "--session-timeout-ms", "6000"}, flags...)
}

// newTrial makes a trial of an app; its output is shown when the test fails.
func newTrial(t *testing.T, broker, name string, o trial.Options) *trial.Trial {
	t.Helper()
	o.Bootstrap, o.Client = broker, []kgo.Opt{kgo.SeedBrokers(broker)}
	o.Lines = access.Log{Seed: seed, Records: records}
	o.Dir, o.Log, o.Stall = t.TempDir(), t.Output(), time.Minute
	tr, err := trial.New(t.Context(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer tr.Close()
		if t.Failed() {
			showOutput(t, o.Dir)
		} else if err := tr.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tr
}

func showOutput(t *testing.T, dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Error(err)
		}
		lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
		t.Logf("%s ends with\n%s", filepath.Base(f), bytes.Join(lines[max(0, len(lines)-30):], []byte("\n")))
	}
}

// checkIDs fails the test unless the output has every id once.
func checkIDs(t *testing.T, tr *trial.Trial, atLeastOnce bool) {
	t.Helper()
	id, err := verify.IDOf("json", "id")
	if err != nil {
		t.Fatal(err)
	}
	r, err := verify.Check{Topic: tr.Output, Records: records, ID: id, AtLeastOnce: atLeastOnce}.Run(t.Context(),
		tr.Client)
	if err != nil {
		t.Fatal(err)
	}
	r.Print(t.Output())
	t.Logf("%+v", tr.Outcome)
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func events(p trial.Plan) []trial.Event { return p.Events(rand.New(rand.NewPCG(seed, 0))) }

// Each record is in the output once, however often the app was killed. With at least
// once it may be there more than once.
func TestKilledAppWritesEachRecordOnce(t *testing.T) {
	t.Parallel()
	broker := kafka(t)
	for _, c := range []struct {
		name        string
		plan        trial.Plan
		atLeastOnce bool
	}{
		{name: "one instance", plan: trial.Plan{Kills: 6, Instances: 1, Interval: 2 * time.Second}},
		{name: "two instances that come and go",
			plan: trial.Plan{Kills: 5, Instances: 2, Churn: true, Interval: 2 * time.Second, Session: session / 2}},
		{name: "at least once", atLeastOnce: true,
			plan: trial.Plan{Kills: 4, Instances: 1, Interval: 2 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flags := guarantee(c.atLeastOnce)
			tr := newTrial(t, broker, "kill", trial.Options{
				App: appFlags(t, "ltsv-json", flags...), Processes: c.plan.Instances, Late: c.plan.Churn,
			})
			if err := tr.Run(t.Context(), events(c.plan), nil); err != nil {
				t.Fatal(err)
			}
			checkIDs(t, tr, c.atLeastOnce)
		})
	}
}

func guarantee(atLeastOnce bool) []string {
	if atLeastOnce {
		return []string{"--processing-guarantee", "at_least_once", "--commit-interval-ms", "500"}
	}
	return nil
}

// Counts are those of an undisturbed run, however often the app was killed, whether
// its disk was kept or wiped. With at least once they are never too small.
func TestKilledAppCountsEachRecordOnce(t *testing.T) {
	t.Parallel()
	broker := kafka(t)
	calm := sync.OnceValue(func() verify.Stats {
		return stats(t, broker, trial.Options{App: appFlags(t, "server-stats"), Rate: 1e6}, nil)
	})
	for _, c := range []struct {
		name        string
		plan        trial.Plan
		atLeastOnce bool
	}{
		{name: "disk kept", plan: trial.Plan{Kills: 6, Instances: 1, Interval: 2 * time.Second}},
		{name: "disk wiped", plan: trial.Plan{Kills: 3, Instances: 1, Interval: time.Second, Wipe: trial.WipeAlways}},
		{name: "two instances that come and go", plan: trial.Plan{Kills: 4, Instances: 2, Churn: true,
			Interval: 2 * time.Second, Session: session / 2, Wipe: trial.WipeAlternate}},
		{name: "at least once", atLeastOnce: true,
			plan: trial.Plan{Kills: 4, Instances: 1, Interval: time.Second, Wipe: trial.WipeAlternate}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := trial.Options{
				App: appFlags(t, "server-stats", guarantee(c.atLeastOnce)...), Processes: c.plan.Instances, Late: c.plan.Churn,
			}
			got := stats(t, broker, o, events(c.plan))
			if bad := got.Compare(calm(), c.atLeastOnce); len(bad) > 0 {
				t.Errorf("counts are not those of an undisturbed run:\n%s", strings.Join(bad, "\n"))
			}
		})
	}
}

// stats runs server-stats and returns its counts, which are also compared with
// a count of the input.
func stats(t *testing.T, broker string, o trial.Options, events []trial.Event) (got verify.Stats) {
	t.Helper()
	o.JSON = true
	tr := newTrial(t, broker, "state", o)
	err := tr.Run(t.Context(), events, func(ctx context.Context) (err error) {
		got, err = tr.Stats(ctx, "/stats")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", tr.Outcome)
	counted, err := verify.CountStats(t.Context(), tr.Client, tr.Input)
	if err != nil {
		t.Fatal(err)
	}
	atLeastOnce := strings.Contains(strings.Join(o.App, " "), "at_least_once")
	if bad := got.Compare(counted, atLeastOnce); len(bad) > 0 {
		t.Errorf("%d requests counted, %d in the input:\n%s", got.Requests(), counted.Requests(), strings.Join(bad, "\n"))
	}
	return got
}
