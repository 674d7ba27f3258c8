//go:build integration

package dfs_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
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
	stranger, err := dfs.New(addr, &dfs.Options{User: "stranger"})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	// By this the worker knows that a person has to allow it.
	if err := stranger.MkdirAll(dir + "/of-a-stranger"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("MkdirAll by a user who may not = %v, want fs.ErrPermission", err)
	}
	if _, err := stranger.Create(dir + "/of-a-stranger"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Create by a user who may not = %v, want fs.ErrPermission", err)
	}
}
