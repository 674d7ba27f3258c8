//go:build integration

package readback

import (
	"os"
	"strings"
	"testing"
)

func TestCountTableAsksARealServer(t *testing.T) {
	addr := os.Getenv("SUIRO_HS2")
	if addr == "" {
		const what = "SUIRO_HS2 is not set: start Hive with scripts/services/services up hive"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	// That the server understood the statement shows in its answer.
	_, err := CountTable(t.Context(), addr, "default.suiro_no_such_table", nil)
	if err == nil || !strings.Contains(err.Error(), "Table not found") {
		t.Errorf("Count of a missing table = %v, want HiveServer2's Table not found", err)
	}
}
