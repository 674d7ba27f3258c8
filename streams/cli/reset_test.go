package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// counts counts the records of each key.
func counts() Program {
	return Program{Name: "counts", Short: "Count.", Build: func(v config.Values) (*topology.Topology, error) {
		b := streams.NewBuilder()
		in := streams.Stream(b, v.String("input.topic"), streams.String(), streams.String())
		n := streams.Count(streams.GroupByKey(in, streams.String()), "n")
		streams.To(n.ToStream(), v.String("output.topic"), streams.String(), streams.Int64())
		return b.Build()
	}}
}

// command executes a command of the program, and returns what it has written and its exit
// code.
func command(ctx context.Context, p Program, args ...string) (out, errs string, code int) {
	c := p.Command()
	var o, e bytes.Buffer
	c.SetOut(&o)
	c.SetErr(&e)
	c.SetArgs(args)
	code = execute(ctx, p, c)
	return o.String(), e.String(), code
}

func TestResetLetsAnAppCountAgain(t *testing.T) {
	brokers := kafkatest.Start(t).ListenAddrs()
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	for _, topic := range []string{"in", "out", "counts-gone-changelog"} {
		if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Key: []byte("a"), Value: []byte("v")})
	}
	state := filepath.Join(t.TempDir(), "state")
	keys := []string{"--bootstrap-servers", strings.Join(brokers, ","), "--state-dir", state, "--input-topic", "in",
		"--output-topic", "out"}
	count := func(records int) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan int)
		go func() {
			_, errs, code := command(ctx, counts(), append(keys, "--log-level", "error")...)
			if code != ExitOK {
				t.Errorf("exit code %d: %s", code, errs)
			}
			done <- code
		}()
		kafkatest.Consume(t, brokers, "out", records)
		cancel()
		<-done
	}
	count(1)

	out, errs, code := command(t.Context(), counts(), append([]string{"reset", "--dry-run"}, keys...)...)
	want := "TOPIC  PARTITION  OFFSET  NEW OFFSET\nin     0          3       0\n" +
		"would delete topic counts-n-changelog\nwould delete the state in " + filepath.Join(state, "counts") + "\n"
	if code != ExitOK || out != want || !strings.Contains(errs, "--internal-topics counts-gone-changelog") {
		t.Errorf("dry run: exit code %d\n%s\n%s\nwant\n%s", code, out, errs, want)
	}
	out, errs, code = command(t.Context(), counts(), append([]string{"reset"}, keys...)...)
	if code != ExitOK || out != strings.ReplaceAll(want, "would delete", "deleted") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	count(2) // the output topic has the former result too
	for i, r := range kafkatest.Consume(t, brokers, "out", 2) {
		if got, want := fmt.Sprintf("%x", r.Value), "0000000000000003"; got != want {
			t.Errorf("result %d is %s, want %s: nothing of the former counts is left", i, got, want)
		}
	}
}

func TestResetBeginsWhereItIsTold(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for args, want := range map[string]app.Position{
		"":                                      app.Earliest(),
		"--to-earliest":                         app.Earliest(),
		"--to-latest":                           app.Latest(),
		"--to-datetime 2026-01-31T08:00:00Z":    app.At(now.Add(-4 * time.Hour)),
		"--to-datetime 2026-01-31T08:00:00.500": app.At(now.Add(-4*time.Hour + 500*time.Millisecond)),
		"--to-datetime 2026-01-31T10:00:00+02:00": app.At(now.Add(-4 * time.Hour)),
		"--to-datetime 2026-01-31":                app.At(now.Add(-12 * time.Hour)),
		"--by-duration 90m":                       app.At(now.Add(-90 * time.Minute)),
		"--by-duration P1DT2H3M4.5S":              app.At(now.Add(-26*time.Hour - 3*time.Minute - 4500*time.Millisecond)),
		"--by-duration PT36H":                     app.At(now.Add(-36 * time.Hour)),
		"--to-offset 7":                           app.Offset(7),
		"--to-offset 0":                           app.Offset(0),
		"--shift-by -20":                          app.Shift(-20),
	} {
		got, err := position(t, now, strings.Fields(args)...)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", args, got, err, want)
		}
	}
	for args, want := range map[string]string{
		"--to-datetime yesterday":     "--to-datetime yesterday: is not a time",
		"--by-duration P":             "--by-duration P: is not a duration",
		"--by-duration soon":          "is not a duration such as 36h",
		"--by-duration -1h":           "is not a duration",
		"--to-offset -1":              "must be at least 0",
		"--to-earliest --to-offset 3": "if any flags in the group",
	} {
		if _, err := position(t, now, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", args, err, want)
		}
	}
}

// position reads the flags of a target.
func position(t *testing.T, now time.Time, args ...string) (app.Position, error) {
	t.Helper()
	c := &cobra.Command{}
	var to target
	to.define(c)
	if err := errors.Join(c.ParseFlags(args), c.ValidateFlagGroups()); err != nil {
		return app.Position{}, err
	}
	return to.position(c.Flags().Changed, now)
}

// FuzzTimes checks that what a person writes for a time or a duration is read or refused.
func FuzzTimes(f *testing.F) {
	for _, text := range []string{"", "P", "P1D", "P1DT12H", "PT1.5S", "36h", "-1h", "2026-01-31", "2026-01-31T08:00:00Z",
		"2026-01-31T08:00:00.5+0200", "P99999999999D", "PT99999999999H"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := parseDuration(text); err == nil && d < 0 {
			t.Errorf("%q is %v, want no negative duration", text, d)
		}
		if at, err := parseTime(text); err == nil && at.IsZero() && !strings.HasPrefix(text, "0001") {
			t.Errorf("%q is no time and no error", text)
		}
	})
}
