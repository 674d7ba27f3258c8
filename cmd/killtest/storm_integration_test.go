//go:build integration

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/cmd/killtest/internal/kinds"
	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/servicetest"
)

const (
	instances = 3
	session   = 6 * time.Second
	// parts is the number of partitions of the input.
	parts = 4
)

// storm is what happens to three instances; the last one reaches the broker through a proxy.
type storm struct {
	own    *servicetest.Services
	proxy  *servicetest.Proxy
	random *rand.Rand
}

func (s *storm) within(d time.Duration) time.Duration {
	return time.Duration(s.random.Int64N(int64(d) + 1))
}

func (s *storm) any() int { return 1 + s.random.IntN(instances) }

// events are all that may happen, each a list. Those that a short run leaves out come last.
func (s *storm) events() [][]trial.Event {
	leaver := 1 + s.random.IntN(instances)
	return [][]trial.Event{
		{trial.Kill{Instance: s.any(), After: s.within(time.Second), Blind: s.random.IntN(4) == 0, Wipe: s.random.IntN(2) == 0}},
		{trial.Kill{Instance: s.any(), After: s.within(time.Second), Wipe: true, Down: session + s.within(2*time.Second)}},
		{cut{s.proxy, s.within(time.Second), session + s.within(3*time.Second)}},
		{bounce{s.own, s.within(time.Second), s.within(time.Second)}},
		{trial.FullDisk{Instance: s.any(), After: s.within(time.Second)}},
		{trial.Freeze{Instance: s.any(), After: s.within(time.Second), For: session + s.within(session)}},
		{trial.Leave{Instance: leaver, After: s.within(2 * time.Second)}, trial.Join{Instance: leaver, After: s.within(2 * time.Second)}},
		{bounce{s.own, s.within(time.Second), 12 * time.Second}}, // longer than a transaction may last
	}
}

// short is each of the first events once, in any order.
func (s *storm) short() (events []trial.Event) {
	all := s.events()[:5]
	for _, n := range s.random.Perm(len(all)) {
		events = append(events, all[n]...)
	}
	return append(events, closing)
}

// long is events of any kind.
func (s *storm) long() (events []trial.Event) {
	for range 12 {
		all := s.events()
		events = append(events, all[s.random.IntN(len(all))]...)
	}
	return append(events, closing)
}

// cut takes the way to the broker from the last instance.
type cut struct {
	proxy        *servicetest.Proxy
	after, lasts time.Duration
}

func (c cut) String() string {
	return fmt.Sprintf("cut instance %d off after %v for %v", instances, c.after.Round(time.Millisecond),
		c.lasts.Round(time.Millisecond))
}

func (c cut) Do(ctx context.Context, t *trial.Trial) error {
	if err := errors.Join(t.Working(ctx), t.Sleep(ctx, c.after)); err != nil {
		return err
	}
	c.proxy.Cut()
	defer c.proxy.Mend()
	return t.Sleep(ctx, c.lasts)
}

// bounce kills the broker and starts it again.
type bounce struct {
	own         *servicetest.Services
	after, down time.Duration
}

func (b bounce) String() string {
	return fmt.Sprintf("kill the broker after %v for %v", b.after.Round(time.Millisecond), b.down.Round(time.Millisecond))
}

func (b bounce) Do(ctx context.Context, t *trial.Trial) error {
	if err := errors.Join(t.Working(ctx), t.Sleep(ctx, b.after)); err != nil {
		return err
	}
	_, err := b.own.Try("kafka.sh", "kill")
	slept := t.Sleep(ctx, b.down)
	_, up := b.own.Try("kafka.sh", "up")
	return errors.Join(err, slept, up)
}

// Nothing of what may happen to an app shows in what it writes and stores, whatever kind of
// state it has: outputs and stores are those of an undisturbed run. With SUIRO_LONG=1 it is
// an hour of runs, in which chance decides what happens, and otherwise a run in which each
// happens once. SUIRO_SEED repeats what a seed has decided.
func TestAStormChangesNoStateOfAnyKind(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SUIRO_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	s := &storm{}
	s.own, s.proxy = servicetest.OwnBehindProxy(t)
	s.own.Run("kafka.sh", "up")
	program := filepath.Join(t.TempDir(), "killtest")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if os.Getenv("SUIRO_LONG") != "1" {
		s.run(t, program, seed, 18_000, s.short)
		return
	}
	for end, n := time.Now().Add(time.Hour), uint64(0); time.Now().Before(end) && !t.Failed(); n++ {
		s.run(t, program, seed+n, 100_000, s.long)
	}
}

// run is one run of the app.
func (s *storm) run(t *testing.T, program string, seed uint64, records int64, choose func() []trial.Event) {
	t.Helper()
	t.Logf("SUIRO_SEED=%d repeats this", seed)
	s.random = rand.New(rand.NewPCG(seed, seed))
	events := choose()
	log := access.Log{Seed: seed, Records: records, Span: 40 * time.Minute, Users: 100}.WithDefaults()
	still := stands(log, len(events))
	dir := t.TempDir()
	tr, err := trial.New(t.Context(), "storm", trial.Options{
		Bootstrap: s.own.Kafka(), Ways: map[int]string{instances: s.proxy.Address()},
		Client: []kgo.Opt{kgo.SeedBrokers(s.own.Kafka())}, App: kindsApp(program, still), Lines: log, JSON: true,
		Rate: 4000, Processes: instances, Partitions: parts, Dir: dir, Log: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var want *kinds.Results
	var undisturbed errgroup.Group
	undisturbed.Go(func() (err error) {
		want, err = kinds.Expect(log, still, parts, nil)
		return err
	})
	err = tr.Run(t.Context(), events, func(ctx context.Context) error {
		if err := undisturbed.Wait(); err != nil {
			return err
		}
		got, bad, err := settled(ctx, tr, want)
		if len(bad) > 0 {
			err = fmt.Errorf("the results are not those of an undisturbed run:\n%s", strings.Join(bad, "\n"))
		}
		t.Logf("%v; %+v", got, tr.Outcome)
		return err
	})
	if err == nil {
		err = tr.Remove(t.Context())
	}
	if err != nil {
		show(t, dir)
		t.Fatalf("SUIRO_SEED=%d: %v", seed, err)
	}
}

// show writes the ends of what instances have logged.
func show(t *testing.T, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Error(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		t.Logf("%s ends with\n%s", filepath.Base(f), strings.Join(lines[max(0, len(lines)-60):], "\n"))
	}
}
