//go:build integration

package dfs_test

import (
	"crypto/rand"
	"os"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
)

func TestHDFS(t *testing.T) {
	addr := os.Getenv("SUIRO_HDFS")
	if addr == "" {
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal("SUIRO_HDFS is not set: start HDFS with scripts/services/hdfs.sh up")
		}
		t.Skip("set SUIRO_HDFS to host:port of a name node; scripts/services/hdfs.sh up starts one")
	}
	s, err := dfs.New(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := "/suiro-test/dfs-" + rand.Text()
	if err := s.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Remove(dir); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	storagetest.Run(t, s, dir)
}
