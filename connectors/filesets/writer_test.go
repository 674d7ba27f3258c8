package filesets

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// TestAnOutageIsLoggedOnceAndItsEnd: a storage that is away for hours does not
// fill the log.
func TestAnOutageIsLoggedOnceAndItsEnd(t *testing.T) {
	mem := storagetest.NewMem()
	var away atomic.Bool
	var calls atomic.Int64
	task, tc := startLogged(t, mem.With(func(_ storagetest.Op, do func() error) error {
		if away.Load() {
			calls.Add(1)
			return errors.New("the storage is away")
		}
		return do()
	}, false))
	away.Store(true)
	put(t, task, filesetstest.Records(p0, 0, 10))
	filesetstest.Eventually(t, "the writer tried often", func() bool { return calls.Load() > 20 })
	away.Store(false)
	filesetstest.Eventually(t, "the task seeks back", func() bool {
		put(t, task, nil)
		_, ok := tc.Sought()[p0]
		return ok
	})
	put(t, task, filesetstest.Records(p0, 0, 10))
	filesetstest.Eventually(t, "the end of the outage is logged", func() bool {
		return len(tc.log.lines("files are written again")) == 1
	})
	if got := tc.log.lines("level=WARN"); len(got) != 1 {
		t.Errorf("the log has the warnings %q, want one", got)
	}
}
