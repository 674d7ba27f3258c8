package pebble_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/stores/storetest"
)

// small makes tables so small that the tests flush and compact.
var small = pebble.Options{CacheBytes: 1 << 20, MemTableBytes: 256 << 10}

func open(t *testing.T, dir string) stores.DB {
	t.Helper()
	db, err := pebble.Open(dir, &small)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) stores.DB { return open(t, t.TempDir()) })
}

func TestDurable(t *testing.T) { storetest.RunDurable(t, open) }

// holdVariable makes the test binary a process that has a folder open.
const holdVariable = "SUIRO_PEBBLETEST_HOLD"

func TestOpenNamesTheFolderThatAnotherProcessHas(t *testing.T) {
	if dir := os.Getenv(holdVariable); dir != "" {
		db := open(t, dir)
		os.Stdout.WriteString("open\n")
		bufio.NewReader(os.Stdin).ReadString('\n') // until the parent has looked
		db.Close()
		return
	}
	dir := t.TempDir()
	other := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v=false")
	other.Env = append(os.Environ(), holdVariable+"="+dir)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		if err := other.Wait(); err != nil {
			t.Error(err)
		}
	}()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("other process said %q, %v", line, err)
	}
	_, err = pebble.Open(dir, nil)
	want := "state.dir " + dir + " is in use by another process; give each instance its own state.dir"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v, want %q", err, want)
	}
}

func BenchmarkDB(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) stores.DB {
		db, err := pebble.Open(b.TempDir(), nil)
		if err != nil {
			b.Fatal(err)
		}
		return db
	})
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "state")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		db, err := pebble.Open(dir, nil)
		if err != nil {
			log.Fatal(err)
		}
		value, err := db.Get([]byte("greeting"))
		fmt.Printf("%q %v\n", value, err)
		var batch stores.Batch
		batch.Put([]byte("greeting"), []byte("hello"))
		if err := errors.Join(db.Apply(&batch), db.Close()); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// "" <nil>
	// "hello" <nil>
}

// State holds what visitors sent: other users of the machine must not read it.
func TestOnlyTheUserCanReadTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "app", "stores")
	db, err := pebble.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b stores.Batch
	b.Put([]byte("k"), []byte("v"))
	if err := errors.Join(db.Apply(&b), db.Close()); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Dir(dir), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, want none for others", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
