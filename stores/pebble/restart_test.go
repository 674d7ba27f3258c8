package pebble_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
)

// fillVariable makes the test binary a process that fills the store in a folder until it is
// killed.
const fillVariable = "SUIRO_PEBBLETEST_FILL"

// The epochs of the process that is killed.
const (
	restartTasks = 4
	restartEpoch = 5000 // keys
)

// TestAStoreOfManyKeysIsOpenAtOnce kills a process while it writes the last of many keys, and
// opens its store again: nothing is done then that grows with the number of keys. What is read
// of the log fits into the tables of recent writes, and of the keys a fixed number is read.
//
// With SUIRO_LONG=1 there are 20,000,000 keys; -v prints how long it takes.
func TestAStoreOfManyKeysIsOpenAtOnce(t *testing.T) {
	if dir := os.Getenv(fillVariable); dir != "" {
		fillUntilKilled(t, dir)
		return
	}
	keys := 400_000
	if os.Getenv("SUIRO_LONG") == "1" {
		keys = 20_000_000
	}
	dir := t.TempDir()
	epochs := killWhileFilling(t, dir, keys/restartEpoch)
	log := logBytes(t, dir)
	const tables = 3 * 16 << 20
	if log > tables+tables/4 {
		t.Errorf("the log has %d bytes, want no more than tables of recent writes: %d", log, tables)
	}

	began, cpu := time.Now(), cpuTime(t)
	db, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, cpuOpened := time.Since(began), time.Duration(cpuTime(t)-cpu)
	walked := &walks{DB: db}
	checkRestart(t, walked, epochs)
	ready, cpuReady := time.Since(began), time.Duration(cpuTime(t)-cpu)
	if most := (restartTasks + 1) * 2300; walked.keys > most {
		t.Errorf("%d keys were read before the first write, want at most %d", walked.keys, most)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := cpuTime(t)
	if db, err = pebble.Open(dir, nil); err != nil {
		t.Fatal(err)
	}
	without := time.Duration(cpuTime(t) - again)
	t.Logf("%d keys: open after %v, read and written after %v, with %v and %v of CPU, of which the log of %d KiB is %.2f",
		epochs*restartEpoch, opened.Round(time.Millisecond), ready.Round(time.Millisecond),
		cpuOpened.Round(time.Millisecond), cpuReady.Round(time.Millisecond), log>>10,
		1-min(without.Seconds()/cpuReady.Seconds(), 1))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// openCounts opens the stores of the tasks of a count.
func openCounts(db stores.DB) (overlays [restartTasks]*stores.Overlay, counts [restartTasks]*kinds.KeyValueStore,
	err error) {
	shared := stores.NewMemory(64 << 20)
	for i := range restartTasks {
		overlays[i] = stores.NewOverlay(db, stores.TaskPrefix(strconv.Itoa(i)))
		overlays[i].Share(shared)
		s, err := kinds.Open(overlays[i], kinds.Spec{Name: "counts", Kind: kinds.Timestamped})
		if err != nil {
			return overlays, counts, err
		}
		counts[i] = s.KeyValue("counts")
	}
	return overlays, counts, nil
}

// countEpoch counts keys that are new, and commits them.
func countEpoch(db stores.DB, o *stores.Overlay, counts *kinds.KeyValueStore, epoch, keys int) error {
	for i := range uint64(keys) {
		key := scattered(uint64(epoch)*restartEpoch + i)
		value, err := counts.Get(key)
		if err != nil || value != nil {
			return fmt.Errorf("a new key of epoch %d is %x, %w", epoch, value, err)
		}
		counts.Put(key, format.AppendTimestamped(make([]byte, 0, 16), epochBegin, []byte("00000001")))
	}
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		return err
	}
	o.Clear()
	return nil
}

// fillUntilKilled writes epochs and prints the number of each one that is committed.
func fillUntilKilled(t *testing.T, dir string) {
	db, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	overlays, counts, err := openCounts(db)
	for epoch := 0; err == nil; epoch++ {
		err = countEpoch(db, overlays[epoch%restartTasks], counts[epoch%restartTasks], epoch, restartEpoch)
		fmt.Println(epoch)
	}
	t.Fatal(err)
}

// killWhileFilling lets another process write, kills it when it has committed so many epochs,
// and returns how many it has told of.
func killWhileFilling(t *testing.T, dir string, epochs int) (told int) {
	t.Helper()
	other := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=0")
	other.Env = append(os.Environ(), fillVariable+"="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			rest, _ := io.ReadAll(out)
			t.Errorf("the process that writes says %q\n%s", lines.Text(), rest)
			break
		}
		if told = n + 1; told == epochs {
			if err := other.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = other.Wait() // it was killed
	if told < epochs {
		t.Fatalf("the process that writes ended after %d of %d epochs", told, epochs)
	}
	return told
}

// checkRestart reads what the last epoch has written in each task, and writes one more.
func checkRestart(t *testing.T, db stores.DB, epochs int) {
	t.Helper()
	overlays, counts, err := openCounts(db)
	if err != nil {
		t.Fatal(err)
	}
	for epoch := epochs - restartTasks; epoch < epochs; epoch++ {
		for i := range uint64(10) {
			key := scattered(uint64(epoch)*restartEpoch + i*restartEpoch/10)
			value, err := counts[epoch%restartTasks].Get(key)
			if err != nil || !strings.HasSuffix(string(value), "00000001") {
				t.Fatalf("a key of epoch %d of %d is %x, %v", epoch, epochs, value, err)
			}
		}
	}
	task := epochs % restartTasks
	// The process may have committed some epochs more than it has told of.
	if err := countEpoch(db, overlays[task], counts[task], 2*epochs+10, 100); err != nil {
		t.Fatal(err)
	}
}

// logBytes is how large the log is that has to be read.
func logBytes(t *testing.T, dir string) (n int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatal(errors.Join(err, errors.New("there is no log")))
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

// walks is a DB that counts the keys that are walked over.
type walks struct {
	stores.DB
	keys int
}

func (w *walks) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	it, err := w.DB.Iterate(from, to, descending)
	return &walk{it, w}, err
}

type walk struct {
	stores.Iterator
	of *walks
}

func (w *walk) Next() bool {
	w.of.keys++
	return w.Iterator.Next()
}
