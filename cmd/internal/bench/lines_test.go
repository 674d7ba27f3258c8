package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Programs are compared by what they make of the same lines.
func TestLinesAreTheSameEachTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ids, hosts, size := map[string]bool{}, map[string]bool{}, 0
	const n = 10_000
	for i := range n {
		line := Line(i, i, at)
		if again := Line(i, i, at); !bytes.Equal(line, again) {
			t.Fatalf("line %d is\n%s\nand then\n%s", i, line, again)
		}
		fields := strings.Split(string(line), "\t")
		hosts[fields[1]], ids[fields[2]] = true, true
		size += len(line)
	}
	if len(ids) != n || len(hosts) < 400 || len(hosts) > 500 {
		t.Errorf("%d ids and %d hosts, want %d and about 500", len(ids), len(hosts), n)
	}
	if mean := size / n; mean < 465 || mean > 485 {
		t.Errorf("lines have %d bytes, want about 475", mean)
	}
}
