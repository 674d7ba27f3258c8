//go:build integration

package dfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/colinmarc/hdfs/v2"

	"github.com/suiro/suiro/connectors/filesets/filesetstest"
)

// openOne returns a file system with one client, and a folder in it. No data node
// can be dialled while away is true.
func openOne(t *testing.T, away *atomic.Bool) (*FS, string) {
	t.Helper()
	addr := os.Getenv("SUIRO_HDFS")
	if addr == "" {
		const what = "SUIRO_HDFS is not set: start HDFS with scripts/services/hdfs.sh up"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	s, err := New(addr, &Options{Clients: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.opts.DatanodeDialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if away.Load() {
			return nil, errors.New("connection refused")
		}
		return s.dial(ctx, network, addr)
	}
	dir := "/suiro-test/dfs-" + rand.Text()
	if err := s.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Remove(dir), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

// TestADeadDataNodeCostsNoOpenFile: files of one partition must not be lost
// because a file of another cannot be read.
func TestADeadDataNodeCostsNoOpenFile(t *testing.T) {
	var away atomic.Bool
	s, dir := openOne(t, &away)
	f, err := s.Create(dir + "/set")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	open, err := s.Create(dir + "/open")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	away.Store(true)
	if got, err := s.ReadFile(dir+"/set", 100); err == nil {
		t.Fatalf("ReadFile without data nodes = %q", got)
	}
	if err := open.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}

// TestModesAreThoseOfTheUmask: HDFS' own is 022, as Hadoop's clients have it.
func TestModesAreThoseOfTheUmask(t *testing.T) {
	s, dir := openOne(t, new(atomic.Bool))
	for umask, want := range map[fs.FileMode][2]fs.FileMode{0o022: {0o644, 0o755}, 0o077: {0o600, 0o700}} {
		s.umask = umask
		sub := fmt.Sprintf("%s/%o", dir, umask)
		if err := s.MkdirAll(sub); err != nil {
			t.Fatal(err)
		}
		f, err := s.Create(sub + "/f")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{sub + "/f", sub} {
			err := s.call(func(c *hdfs.Client) error {
				info, err := c.Stat(name)
				if err == nil && info.Mode().Perm() != want[i] {
					t.Errorf("umask %o: mode of %s is %o, want %o", umask, name, info.Mode().Perm(), want[i])
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// TestAbortLeavesNothingBehind counts goroutines and connections: a task that
// runs for months aborts its open files at every rebalance.
func TestAbortLeavesNothingBehind(t *testing.T) {
	s, dir := openOne(t, new(atomic.Bool))
	goroutines, conns := runtime.NumGoroutine(), s.open()
	for i := range 20 {
		f, err := s.Create(fmt.Sprintf("%s/%d", dir, i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(make([]byte, i*10_000)); err != nil { // some in several packets, one empty
			t.Fatal(err)
		}
		f.Abort()
	}
	filesetstest.Eventually(t, "goroutines and connections of 20 aborted files are gone", func() bool {
		return runtime.NumGoroutine() <= goroutines && s.open() <= conns
	})
}
