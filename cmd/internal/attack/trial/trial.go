// Package trial attacks a stage for a time and judges it: honest records arrive once, no
// process ends or takes more memory than its limit, and nothing changes outside of the
// given folders.
package trial

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/cmd/internal/attack/around"
	"github.com/suiro/suiro/cmd/internal/attack/feed"
	"github.com/suiro/suiro/cmd/internal/attack/kinds"
	"github.com/suiro/suiro/cmd/internal/attack/registry"
	"github.com/suiro/suiro/cmd/internal/attack/stage"
	"github.com/suiro/suiro/cmd/internal/attack/wire"
)

// Options say what is done.
type Options struct {
	// Stage says where; Registry is set by Run.
	Stage stage.Options
	// Seed decides which attacks come in which order, and what they choose.
	Seed uint64
	// Time is how long attacks go on. Each kind takes place at least once, unless
	// Only names some.
	Time time.Duration
	// Only are the names of the kinds. Default: all.
	Only []string
	// Long allows attacks that take minutes.
	Long bool
	// Patience is how long honest records may take to arrive.
	Patience time.Duration
	// Out is where progress is told.
	Out io.Writer
}

// Trial is an attack under way.
type Trial struct {
	Options
	stage    *stage.Stage
	registry *registry.Server
	feed     *feed.Feed
	field    *kinds.Field
	places   *places
	outside  *around.Tree
	journal  *journal
	attacks  []kinds.Kind
}

// Run sets the stage, attacks, judges, and clears the stage when all has held.
func Run(ctx context.Context, o Options) (err error) {
	t := &Trial{Options: o}
	if t.attacks, err = chosen(o.Only); err != nil {
		return err
	}
	if t.journal, err = newJournal(filepath.Join(o.Stage.Dir, "journal.txt"), o.Out); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.journal.close()) }()
	defer t.close()
	if err := t.open(ctx); err != nil {
		return fmt.Errorf("set the stage: %w", err)
	}
	if err := t.run(ctx); err != nil {
		return err
	}
	t.journal.say("all has held; the stage is cleared")
	return t.stage.Remove(ctx)
}

// secret begins the ids of the honest records; hostile ones do not have it.
func (t *Trial) secret() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "honest %d %s", t.Seed, t.Stage.Run))
	return fmt.Sprintf("h%x", sum[:8])
}

func (t *Trial) open(ctx context.Context) (err error) {
	if t.registry, err = registry.Start(); err != nil {
		return err
	}
	t.Stage.Registry = t.registry.URL
	t.journal.say("the programs are built and the topics are made")
	if t.stage, err = stage.New(ctx, t.Stage); err != nil {
		return err
	}
	if t.feed, err = feed.New(t.stage, t.secret()); err != nil {
		return err
	}
	producer, err := wire.New(t.Stage.Kafka)
	if err != nil {
		return err
	}
	t.field = &kinds.Field{Stage: t.stage, Feed: t.feed, Rand: rand.New(rand.NewPCG(t.Seed, 1)), Registry: t.registry,
		Kafka: producer, Long: t.Long}
	if err := t.sentinels(); err != nil {
		return err
	}
	if t.places, err = newPlaces(t.stage, t.feed); err != nil {
		return err
	}
	return t.stage.Start()
}

// sentinel is what the files hold that nothing may touch.
const sentinel = "nothing may change this\n"

// sentinels puts files near the given folders, which nothing may touch.
func (t *Trial) sentinels() (err error) {
	for _, name := range []string{"passwords", "near/passwords", "near/access.log"} {
		if err := os.WriteFile(filepath.Join(t.stage.Around, name), []byte(sentinel), 0o600); err != nil {
			return err
		}
	}
	if err := t.stage.Storage.MkdirAll(t.stage.Other); err != nil {
		return err
	}
	if err := t.field.PlantInHDFS(filepath.Join(t.stage.Folder, "near", "sentinel.json"), sentinel); err != nil {
		return err
	}
	t.outside, err = around.Look(t.stage.Around, t.stage.Given)
	return err
}

func (t *Trial) close() {
	if t.places != nil {
		t.places.close()
	}
	if t.stage != nil {
		t.stage.Close()
	}
	if t.field != nil {
		t.field.Kafka.Close()
	}
	if t.registry != nil {
		_ = t.registry.Close() // nothing of it is needed any more
	}
}

// run feeds, attacks, waits for the honest records and judges.
func (t *Trial) run(ctx context.Context) error {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	group, working := errgroup.WithContext(working)
	feeding, enough := context.WithCancel(working)
	group.Go(func() error { return t.feed.Run(feeding) })
	group.Go(func() error { return t.watch(feeding) })
	group.Go(func() error {
		defer enough()
		if err := t.arrived(working, "before the first attack", true); err != nil {
			return err
		}
		return t.attack(working)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if err := t.judge(ctx, "after the attacks"); err != nil {
		return err
	}
	return t.again(ctx)
}

// attack lets attacks follow each other until the time is over, each kind at least once.
func (t *Trial) attack(ctx context.Context) error {
	end := time.Now().Add(t.Time)
	order := rand.New(rand.NewPCG(t.Seed, 0))
	for n := 0; n < len(t.attacks) || time.Now().Before(end); n++ {
		if n%len(t.attacks) == 0 {
			order.Shuffle(len(t.attacks), reflect.Swapper(t.attacks))
		}
		if err := t.one(ctx, n, t.attacks[n%len(t.attacks)]); err != nil {
			return err
		}
	}
	return t.arrived(ctx, "after the last attack", true)
}

// slowEvery is after how many attacks places are waited for that are slow to read.
const slowEvery = 10

func (t *Trial) one(ctx context.Context, n int, k kinds.Kind) error {
	name := fmt.Sprintf("attack %d, %s", n, k.Name)
	began := time.Now()
	t.journal.note("%s begins: %s", name, k.Does)
	taken, refused := t.field.Kafka.Counts()
	t.field.Rand = rand.New(rand.NewPCG(t.Seed, uint64(n)+2))
	if err := k.Do(ctx, t.field); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", name, err), t.alive())
	}
	did := time.Since(began)
	if err := t.arrived(ctx, "after "+name, n%slowEvery == slowEvery-1); err != nil {
		return err
	}
	peaks, err := t.peaks()
	took, gave := t.field.Kafka.Counts()
	t.journal.say("%-22s %5.1fs %6d records taken, %d refused; honest ones %5.1fs later; peaks in MiB: %s",
		fmt.Sprintf("%d %s", n, k.Name), did.Seconds(), took-taken, gave-refused, (time.Since(began) - did).Seconds(), peaks)
	return err
}
