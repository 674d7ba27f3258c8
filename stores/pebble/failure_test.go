package pebble

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/suiro/suiro/stores"
)

var small = &Options{CacheBytes: 1 << 20, MemTableBytes: 64 << 10}

// failFrom returns a filesystem whose n-th change and all later ones fail with err,
// as on a disk that stays full.
func failFrom(n int64, err error) vfs.FS {
	var seen atomic.Int64
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpCreate, errorfs.OpReuseForWrite, errorfs.OpRename, errorfs.OpFileWrite,
			errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpLink:
			if seen.Add(1) >= n {
				return &os.PathError{Op: "write", Path: op.Path, Err: err}
			}
		}
		return nil
	}))
}

// fill applies batches until one is refused and returns how many were not.
// Each puts its number under two keys far apart and under one of its own.
func fill(db *DB, batches int) (applied uint64, err error) {
	value := make([]byte, 4<<10)
	for n := uint64(1); n <= uint64(batches); n++ {
		binary.BigEndian.PutUint64(value, n)
		var b stores.Batch
		b.Put([]byte("a"), value)
		b.Put(fmt.Appendf(nil, "n%03d", n%50), value)
		b.Put([]byte("z"), value)
		if err := db.Apply(&b); err != nil {
			return n - 1, err
		}
	}
	return uint64(batches), nil
}

// checkPrefix returns the number of batches in the DB, which must be whole, and
// closes it.
func checkPrefix(t *testing.T, db *DB) uint64 {
	t.Helper()
	var numbers [2]uint64
	for i, key := range []string{"a", "z"} {
		value, err := db.Get([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if value != nil {
			numbers[i] = binary.BigEndian.Uint64(value)
		}
	}
	if numbers[0] != numbers[1] {
		t.Errorf("half a batch: a of %d, z of %d", numbers[0], numbers[1])
	}
	for n := max(numbers[0], 50) - 49; n <= numbers[0]; n++ {
		value, err := db.Get(fmt.Appendf(nil, "n%03d", n%50))
		if err != nil || value == nil || binary.BigEndian.Uint64(value) != n {
			t.Errorf("batch %d of %d isn't there: %v", n, numbers[0], err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	return numbers[0]
}

func TestFullDiskStopsTheDBAndLosesNothing(t *testing.T) {
	met := map[string]int{}
	for n := int64(1); n < 400; n += 1 + n/6 {
		dir := t.TempDir()
		db, err := open(dir, small, failFrom(n, syscall.ENOSPC))
		applied := uint64(0)
		if err == nil {
			applied, err = fill(db, 5000) // until the disk is full, whatever Pebble merges meanwhile
			met["apply"]++
			checkStopped(t, db)
			if closeErr := db.Close(); !errors.Is(closeErr, syscall.ENOSPC) {
				t.Errorf("change %d: Close() = %v, want that the disk is full", n, closeErr)
			}
		} else {
			met["open"]++
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), dir) ||
			!strings.Contains(err.Error(), "disk is full") {
			t.Errorf("change %d: error %v, want one that says %s is full", n, err, dir)
		}
		again, err := Open(dir, small)
		if err != nil {
			t.Fatalf("change %d: open again: %v", n, err)
		}
		if got := checkPrefix(t, again); got != applied && got != applied+1 {
			t.Errorf("change %d: %d batches after the restart, want the %d that were applied", n, got, applied)
		}
		if t.Failed() {
			return
		}
	}
	if met["open"] == 0 || met["apply"] == 0 {
		t.Errorf("the disk filled up in %v, want in both open and apply", met)
	}
}

// TestFullDiskUnderConcurrentCalls has tasks that write and one that reads when
// the disk fills up. Each of them must get the error, and Close must return.
func TestFullDiskUnderConcurrentCalls(t *testing.T) {
	for n := int64(40); n < 300; n += 23 {
		dir := t.TempDir()
		db, err := open(dir, small, failFrom(n, syscall.ENOSPC))
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				if _, err := fill(db, 1000); !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("change %d: Apply = %v, want that the disk is full", n, err)
				}
			})
		}
		calls.Go(func() {
			for err == nil {
				err = walk(db)
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("change %d: reader met %v, want that the disk is full", n, err)
			}
		})
		calls.Wait()
		if err := db.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("change %d: Close = %v, want that the disk is full", n, err)
		}
		if err := readAll(dir); err != nil {
			t.Errorf("change %d: open again: %v", n, err)
		}
	}
}

func checkStopped(t *testing.T, db *DB) {
	t.Helper()
	_, getErr := db.Get([]byte("a"))
	it, iterateErr := db.Iterate(nil, nil, false)
	if iterateErr == nil {
		iterateErr = it.Close()
	}
	_, applyErr := fill(db, 1)
	for call, err := range map[string]error{"Get": getErr, "Iterate": iterateErr, "Apply": applyErr} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s after the disk was full = %v, want its cause", call, err)
		}
	}
}

func TestSecondOpenNamesTheFolderAndTheRemedy(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, link} {
		_, err = Open(name, nil)
		want := "state.dir " + dir + " is in use by this process; give each instance its own state.dir"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s) = %v, want %q", name, err, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(dir, nil); err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPowerLossLeavesAPrefixOfTheBatches removes a random choice of the blocks that
// were not forced to the disk.
func TestPowerLossLeavesAPrefixOfTheBatches(t *testing.T) {
	for seed := range uint64(40) {
		fs := vfs.NewCrashableMem()
		root, err := fs.OpenDir("")
		if err := errors.Join(err, fs.MkdirAll("state", 0o755), root.Sync(), root.Close()); err != nil {
			t.Fatal(err)
		}
		db, err := open("state", small, fs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fill(db, 10+int(seed)*3); err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		left := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 10 % 101), RNG: rng})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := open("state", small, left)
		if err != nil {
			t.Fatalf("seed %d: open after the power loss: %v", seed, err)
		}
		t.Logf("seed %d: %d batches left", seed, checkPrefix(t, again))
	}
}

// TestDamagedFilesAreFoundAndReplaced cuts and overwrites each kind of file. The damage is
// found at once or when the place is read, and the next Open at the latest begins empty.
func TestDamagedFilesAreFoundAndReplaced(t *testing.T) {
	for _, c := range []struct {
		pattern string
		damage  func(data []byte) []byte
	}{
		{"*.sst", func(b []byte) []byte { return b[:len(b)/2] }},
		{"*.sst", func(b []byte) []byte { return nil }},
		{"*.sst", scribble},
		{"MANIFEST-*", scribble},
		{"MANIFEST-*", func(b []byte) []byte { return nil }},
	} {
		dir := t.TempDir()
		db, err := Open(dir, small)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fill(db, 150); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		damage(t, dir, c.pattern, c.damage)
		var log bytes.Buffer
		o := *small
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		for try := 0; ; try++ {
			db, err := Open(dir, &o)
			if err != nil {
				t.Fatalf("%s damaged: Open = %v, want a new DB", c.pattern, err)
			}
			err = errors.Join(walk(db), db.Close())
			if err == nil {
				break
			}
			if want := "read store " + dir + ": damaged: start again"; try > 0 || !strings.Contains(err.Error(), want) {
				t.Fatalf("%s damaged: %v, want that it is, and only once", c.pattern, err)
			}
		}
		if want := "the store is damaged and begins empty"; !strings.Contains(log.String(), want) {
			t.Errorf("%s damaged: the log says %s, want %q", c.pattern, &log, want)
		}
		checkEmptyAndWhole(t, dir)
	}
}

func checkEmptyAndWhole(t *testing.T, dir string) {
	t.Helper()
	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	if value, err := db.Get([]byte("a")); value != nil || err != nil {
		t.Errorf("the new DB has %q, %v, want nothing", value, err)
	}
	applied, err := fill(db, 60)
	if err != nil {
		t.Fatal(err)
	}
	if got := checkPrefix(t, db); got != applied {
		t.Errorf("the new DB has %d batches, want %d", got, applied)
	}
}

// A folder that cannot be read is not a damaged one: what is in it stays.
func TestErrorsOfTheSystemDoNotEmptyTheStore(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fill(db, 10); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refusing := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpOpen && strings.Contains(op.Path, "MANIFEST") {
			return &os.PathError{Op: "open", Path: op.Path, Err: syscall.EIO}
		}
		return nil
	}))
	if _, err := open(dir, small, refusing); !errors.Is(err, syscall.EIO) {
		t.Errorf("open = %v, want the error of the system", err)
	}
	if db, err = Open(dir, small); err != nil {
		t.Fatal(err)
	}
	if got := checkPrefix(t, db); got != 10 {
		t.Errorf("%d batches are left, want 10", got)
	}
}

func TestStateOfAnotherLayoutIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file   string // nothing for none
		layout int
		says   string // nothing when it fits
	}{
		{"1\n", 1, ""}, {"", 1, ""}, {"2\n", 2, ""},
		{"2\n", 1, "a later version of this program wrote it, in layout 2, and this one reads 1"},
		{"1\n", 2, "an earlier version of this program wrote it, in layout 1, and this one reads 2"},
		{"", 2, "an earlier version"},
		{"x", 1, "not a number"},
	} {
		name := filepath.Join(dir, layoutFile)
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if c.file != "" {
			if err := os.WriteFile(name, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := checkLayout(vfs.Default, dir, c.layout)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("file %q, layout %d: %v, want %q", c.file, c.layout, err, c.says)
		}
	}
}

func scribble(b []byte) []byte {
	for i := len(b) / 4; i < len(b)/2; i++ {
		b[i] ^= 0x55
	}
	return b
}

func damage(t *testing.T, dir, pattern string, damage func([]byte) []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in the folder: %v", pattern, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, damage(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(dir string) error {
	db, err := Open(dir, small)
	if err != nil {
		return err
	}
	return errors.Join(walk(db), db.Close())
}

func walk(db *DB) error {
	it, err := db.Iterate(nil, nil, false)
	if err != nil {
		return err
	}
	for it.Next() {
	}
	return errors.Join(it.Err(), it.Close())
}
