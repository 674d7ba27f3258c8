package storage_test

import (
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestLocal(t *testing.T) {
	dir := t.TempDir()
	storagetest.Run(t, storage.NewLocal(dir, 0o077), dir)
}

func TestMem(t *testing.T) {
	m := storagetest.NewMem()
	if err := m.MkdirAll("/work"); err != nil {
		t.Fatal(err)
	}
	storagetest.Run(t, m, "/work")
}
