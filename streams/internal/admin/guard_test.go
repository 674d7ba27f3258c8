package admin_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/admin"
)

const changelog, repartition = "app-counts-changelog", "app-by-key-repartition"

// A topic that is deleted, or made again, is told at the third look in a row, with what to do.
func TestGuardTellsOfTopicsThatAreGone(t *testing.T) {
	for name, tt := range map[string]struct {
		gone  string
		again bool
		want  []string
	}{
		"a changelog": {changelog, false, []string{"changelog " + changelog + " was deleted while the app runs",
			"bring the topic back", "delete the folder state/app"}},
		"a changelog that is made again": {changelog, true, []string{
			"changelog " + changelog + " was deleted and made again while the app runs", "bring the topic back"}},
		"a repartition topic": {repartition, false, []string{
			"internal topic " + repartition + " was deleted while the app runs", "start the app again"}},
		"a repartition topic that is made again": {repartition, true, []string{
			"internal topic " + repartition + " was deleted and made again while the app runs"}},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := kafkatest.Start(t).ListenAddrs()
			adm := kadm.NewClient(kafkatest.Client(t, brokers, kgo.MetadataMinAge(10*time.Millisecond)))
			create := func(topics ...string) {
				if _, err := adm.CreateTopics(t.Context(), 2, 1, nil, topics...); err != nil {
					t.Fatal(err)
				}
			}
			g := &admin.Guard{Interval: 10 * time.Millisecond, StateDir: "state/app", Log: slog.New(slog.DiscardHandler),
				Own: map[string]bool{changelog: true, repartition: false, "app-not-yet-repartition": false}}
			look := func() error {
				<-time.After(20 * time.Millisecond) // what the client remembers is older then
				g.Look(t.Context(), adm)
				return g.Lost()
			}
			create(changelog, repartition)
			for range 5 {
				if err := look(); err != nil {
					t.Fatalf("all topics are there: %v", err)
				}
			}
			if _, err := adm.DeleteTopics(t.Context(), tt.gone); err != nil {
				t.Fatal(err)
			}
			if tt.again {
				create(tt.gone)
			}
			for range 2 {
				if err := look(); err != nil {
					t.Fatalf("an early look: %v", err)
				}
			}
			err := look()
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Lost() = %v, want an error with %q", err, want)
				}
			}
		})
	}
}

// Brokers that are away are no reason.
func TestGuardWaitsForBrokers(t *testing.T) {
	c := kafkatest.Start(t)
	adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs(), kgo.MetadataMinAge(10*time.Millisecond),
		kgo.RetryTimeout(50*time.Millisecond), kgo.RequestRetries(0)))
	if _, err := adm.CreateTopics(t.Context(), 2, 1, nil, changelog); err != nil {
		t.Fatal(err)
	}
	g := &admin.Guard{Own: map[string]bool{changelog: true}, Log: slog.New(slog.DiscardHandler)}
	g.Look(t.Context(), adm)
	c.Close()
	for range 5 {
		if g.Look(t.Context(), adm); g.Lost() != nil {
			t.Errorf("Lost() without a broker = %v", g.Lost())
		}
	}
}

// A topic that others write is waited for, and lost only when it has been gone for long; one that was
// never there is not missed, and one that comes back is there again.
func TestGuardWaitsForInputs(t *testing.T) {
	for name, tt := range map[string]struct {
		patience time.Duration
		want     string // in the error; "" for none
	}{
		"with patience": {time.Hour, ""},
		"without":       {0, "input topic in was deleted while the app runs"},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := kafkatest.Start(t).ListenAddrs()
			adm := kadm.NewClient(kafkatest.Client(t, brokers, kgo.MetadataMinAge(10*time.Millisecond)))
			g := &admin.Guard{Interval: 10 * time.Millisecond, Inputs: []string{"in", "not-yet"}, Patience: tt.patience,
				Brokers: "kafka:9092", Log: slog.New(slog.DiscardHandler)}
			look := func() {
				<-time.After(20 * time.Millisecond) // what the client remembers is older then
				g.Look(t.Context(), adm)
			}
			create := func() {
				t.Helper()
				if _, err := adm.CreateTopics(t.Context(), 2, 1, nil, "in"); err != nil {
					t.Fatal(err)
				}
			}
			create()
			for range 5 {
				look()
			}
			if _, err := adm.DeleteTopics(t.Context(), "in"); err != nil {
				t.Fatal(err)
			}
			look()
			look()
			if g.Waiting() != "" || g.Lost() != nil {
				t.Errorf("after two looks Waiting() = %q and Lost() = %v, want none", g.Waiting(), g.Lost())
			}
			look()
			if want := "input topic in does not exist any more"; !strings.Contains(g.Waiting(), want) {
				t.Errorf("Waiting() = %q, want %q in it", g.Waiting(), want)
			}
			if err := g.Lost(); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Lost() = %v, want %q in it", err, tt.want)
			}
			create()
			look()
			if g.Waiting() != "" {
				t.Errorf("Waiting() = %q with the topic there again", g.Waiting())
			}
		})
	}
}
