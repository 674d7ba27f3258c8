package claim_test

import (
	"testing"

	"github.com/suiro/suiro/connectors/filesets/claim/claimtest"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestPausedBeforeEachOperation(t *testing.T) {
	hook := func(_ storagetest.Op, do func() error) error { return do() }
	for _, crash := range []bool{false, true} {
		claimtest.PausedBeforeEach(t, storagetest.NewMem(), "/atomic", crash)
		claimtest.PausedBeforeEach(t, storagetest.NewMem().With(hook, true), "/system-calls", crash)
		dir := t.TempDir()
		claimtest.PausedBeforeEach(t, storage.NewLocal(dir, 0o077), dir, crash)
	}
}
