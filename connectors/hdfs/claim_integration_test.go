//go:build integration

package hdfs

import (
	"crypto/rand"
	"errors"
	"os"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/claim/claimtest"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
)

func TestPausedBeforeEachOperationOnHDFS(t *testing.T) {
	addr := os.Getenv("SUIRO_HDFS")
	if addr == "" {
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal("SUIRO_HDFS is not set: start HDFS with scripts/services/hdfs.sh up")
		}
		t.Skip("set SUIRO_HDFS to host:port of a name node; scripts/services/hdfs.sh up starts one")
	}
	st, err := dfs.New(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := "/suiro-test/claim-" + rand.Text()
	t.Cleanup(func() {
		if err := errors.Join(st.Remove(dir), st.Close()); err != nil {
			t.Error(err)
		}
	})
	claimtest.PausedBeforeEach(t, st, dir, false)
	claimtest.PausedBeforeEach(t, st, dir, true)
}
