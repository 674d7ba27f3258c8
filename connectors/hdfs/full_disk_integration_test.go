//go:build integration

package hdfs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/filesetstest"
)

func TestAFullLocalDiskPausesAndRecovers(t *testing.T) {
	const total = 20000
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs",
		dir).CombinedOutput(); err != nil {
		t.Skipf("mount a small disk: %v, %s(TestAFullDiskPausesAndIsForgotten tries the same without one)",
			err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v, %s", err, out)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 16<<20-64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	tc, ended := feedIn(t, testProps("store.url", "file://"+dir, "topics.dir", "topics", "flush.size",
		"1000"), total, testLog{t})
	filesetstest.Eventually(t, "the partition is paused", func() bool { return tc.Paused(p0) })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	filesetstest.WantOnce(t, filesBelow(t, filepath.Join(dir,
		"topics")), total)
}
