package filesets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// rival is a task that believes or not that it owns the partitions.
type rival struct {
	*connecttest.SinkContext
	task  *task
	owner atomic.Bool
	at    connect.Offsets
}

// Owned overrides the fake's answer.
func (r *rival) Owned(context.Context, connect.TopicPartition) (bool, error) {
	return r.owner.Load(), nil
}

// faults is a storage of tasks that fail and change at random.
type faults struct {
	t     *testing.T
	mem   *storagetest.Mem
	two   bool
	parts []connect.TopicPartition
	total int64
	// heal makes the storage stop failing, so that all can end.
	heal atomic.Bool

	mu  sync.Mutex
	rng *rand.Rand // guarded by mu
}

func (f *faults) draw(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rng.Intn(n)
}

func (f *faults) hook(_ storagetest.Op, do func() error) error {
	if f.heal.Load() {
		return do()
	}
	switch f.draw(100) {
	case 0:
		return errors.New("injected fault")
	case 1:
		_ = do()
		return errors.New("answer lost")
	}
	return do()
}

func (f *faults) begin() *rival {
	r := &rival{SinkContext: connecttest.NewSinkContext(), at: connect.Offsets{},
		task: &task{storage: f.mem.With(f.hook, f.two)}}
	props := testProps("flush.size", "17", "max.open.files", "2", "rotate.idle.ms", "5")
	if err := r.task.Start(f.t.Context(), r, connecttest.Parse(f.t, info, props)); err != nil {
		f.t.Fatal(err)
	}
	if err := r.task.Open(f.t.Context(), f.parts); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// feed is one turn of a worker. It reports whether all is committed.
func (f *faults) feed(r *rival) bool {
	maps.Copy(r.at, r.Sought())
	var batch []*connect.SinkRecord
	for _, p := range f.parts {
		if o := r.at[p]; !r.Paused(p) && o < f.total {
			to := min(f.total, o+int64(1+f.draw(20)))
			batch = append(batch, filesetstest.Records(p, o, to)...)
			r.at[p] = to
		}
	}
	if err := r.task.Put(f.t.Context(), batch); err != nil {
		f.t.Fatal(err)
	}
	safe, err := r.task.PreCommit(f.t.Context(), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return !slices.ContainsFunc(f.parts, func(p connect.TopicPartition) bool { return safe[p] < f.total })
}

// TestRandomFaultsLoseAndRepeatNothing drives two tasks as workers would,
// which own the partitions in turn and do not always know it, on a storage
// that fails at random, and counts every record once.
func TestRandomFaultsLoseAndRepeatNothing(t *testing.T) {
	for seed := int64(1); seed <= 4; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			f := &faults{t: t, mem: storagetest.NewMem(), two: seed%2 == 0, total: 400,
				rng:   rand.New(rand.NewSource(seed)),
				parts: []connect.TopicPartition{p0, {Topic: "access", Partition: 1}}}
			f.run()
		})
	}
}

func (f *faults) run() {
	rivals := []*rival{f.begin(), f.begin()}
	owner := 0
	for start, done := time.Now(), false; !done; {
		if time.Since(start) > time.Second {
			f.heal.Store(true)
		}
		if time.Since(start) > time.Minute {
			f.t.Fatal("timed out")
		}
		if f.draw(300) == 0 && !f.heal.Load() {
			owner = 1 - owner
			if f.draw(2) == 0 { // with a new life
				if err := rivals[owner].task.Stop(); err != nil {
					f.t.Error(err)
				}
				rivals[owner] = f.begin()
			}
		}
		for i, r := range rivals {
			r.owner.Store(i == owner)
		}
		done = f.feed(rivals[owner])
		if f.draw(3) == 0 {
			f.feed(rivals[1-owner])
		}
	}
	for _, r := range rivals {
		if err := r.task.Stop(); err != nil {
			f.t.Error(err)
		}
	}
	f.check()
}

func (f *faults) check() {
	for _, p := range f.parts {
		files := map[string][]byte{}
		for name, content := range f.mem.Files("/root") {
			if strings.HasPrefix(path.Base(name), fmt.Sprintf("access+%d+", p.Partition)) {
				files[name] = content
			}
		}
		filesetstest.WantOnce(f.t, files, f.total)
	}
}
