package storetest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores"
)

// dirVariable makes the test binary the child process that is to be killed.
const dirVariable = "SUIRO_STORETEST_DIR"

const (
	kills          = 6
	batchesPerKill = 400 // at most
)

// RunDurable tests what an engine that writes to a folder promises on top of
// [Run]. The function opens the DB in dir, in this process or in one that is
// killed: the test runs itself again in a child process, so it must call
// RunDurable with nothing costly before it.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) stores.DB) {
	if dir := os.Getenv(dirVariable); dir != "" {
		applyUntilKilled(t, open(t, dir))
		return
	}
	t.Run("RandomOperationsWithReopensMatchAMap", func(t *testing.T) {
		dir := t.TempDir()
		testModel(t, open(t, dir), func(db stores.DB) stores.DB {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			return open(t, dir)
		})
	})
	t.Run("StoresOfAllKindsWithReopensMatchMaps", func(t *testing.T) {
		dir := t.TempDir()
		testKinds(t, open(t, dir), func(db stores.DB) stores.DB {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			return open(t, dir)
		})
	})
	test := t.Name()
	t.Run("KilledProcessLeavesAPrefixOfItsBatches", func(t *testing.T) {
		testKill(t, test, open)
	})
}

// numberKey holds the number of the last batch. It sorts behind all that the
// batches delete.
var numberKey = []byte("~number")

// killBatch returns batch number n. Sizes go from a few bytes to several
// blocks of a log.
func killBatch(n uint64) *stores.Batch {
	rng := rand.New(rand.NewPCG(n, 1))
	b := &stores.Batch{}
	if rng.IntN(10) == 0 {
		from := rng.IntN(90)
		b.DeleteRange(killKey(from), killKey(from+10))
	}
	for range 1 + rng.IntN(20) {
		if rng.IntN(5) == 0 {
			b.Delete(killKey(rng.IntN(100)))
			continue
		}
		value := make([]byte, 8+rng.IntN(8<<10))
		binary.BigEndian.PutUint64(value, n)
		b.Put(killKey(rng.IntN(100)), value)
	}
	b.Put(numberKey, binary.BigEndian.AppendUint64(nil, n))
	return b
}

func killKey(i int) []byte { return fmt.Appendf(nil, "%03d", i) }

// applyUntilKilled continues after the last batch of the DB and prints the number of
// each batch that was applied.
func applyUntilKilled(t *testing.T, db stores.DB) {
	for n := lastBatch(t, db) + 1; ; n++ {
		apply(t, db, killBatch(n))
		fmt.Println("applied", n)
	}
}

func lastBatch(t *testing.T, db stores.DB) uint64 {
	value := get(t, db, string(numberKey))
	if value == nil {
		return 0
	}
	return binary.BigEndian.Uint64(value)
}

func testKill(t *testing.T, test string, open func(t *testing.T, dir string) stores.DB) {
	dir := t.TempDir()
	state, last := map[string]string{}, uint64(0)
	for range kills {
		applied := killChild(t, test, dir, 1+rand.IntN(batchesPerKill))
		db := open(t, dir)
		got := lastBatch(t, db)
		if got < applied {
			t.Errorf("the last batch is %d after Apply of %d had returned", got, applied)
		}
		for n := last + 1; n <= got; n++ {
			replay(state, killBatch(n))
		}
		last = got
		compareState(t, db, state)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
}

// killChild runs a child until it has applied some batches, kills it in the
// midst of the next, and returns the number of the last it has reported.
func killChild(t *testing.T, test, dir string, batches int) (applied uint64) {
	cmd := exec.Command(os.Args[0], "-test.run=^"+regexp.QuoteMeta(test)+"$", "-test.v=false")
	cmd.Env = append(os.Environ(), dirVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var other strings.Builder
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &applied); err != nil {
			fmt.Fprintln(&other, lines.Text())
			continue
		}
		if n++; n == batches {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("child ended by itself: %v\n%s", err, &other)
	}
	return applied
}

func replay(state map[string]string, b *stores.Batch) {
	for _, op := range b.Ops {
		switch {
		case op.To != nil:
			maps.DeleteFunc(state, func(k, _ string) bool { return k >= string(op.Key) && k < string(op.To) })
		case op.Value == nil:
			delete(state, string(op.Key))
		default:
			state[string(op.Key)] = string(op.Value)
		}
	}
}

func compareState(t *testing.T, db stores.DB, want map[string]string) {
	got := map[string]string{}
	for _, e := range entries(t, db, nil, nil, false) {
		got[e.key] = e.value
		if e.value != want[e.key] {
			t.Errorf("value of %q isn't that of the batches up to the last", e.key)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d keys, want %d", len(got), len(want))
	}
}
