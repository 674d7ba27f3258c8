//go:build integration && linux

package hdfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func TestAFullLocalDiskPausesAndRecovers(t *testing.T) {
	const total = 20000
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		if errors.Is(err, syscall.EPERM) {
			t.Skip("run as root to mount a small disk; TestAFullDiskPausesAndIsForgotten tries the same without")
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 16<<20-64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	tc, ended := feedIn(t, testProps("store.url", "file://"+dir, "topics.dir", "topics", "flush.size", "1000"), total, testLog{t})
	eventually(t, "the partition is paused", func() bool { return tc.Paused(p0) })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got, want := offsetsIn(t, filesBelow(t, filepath.Join(dir, "topics"))), upTo(total); !slices.Equal(got, want) {
		t.Errorf("files hold %d records, want %d once each: %s", len(got), len(want), firstDifference(got, want))
	}
}
