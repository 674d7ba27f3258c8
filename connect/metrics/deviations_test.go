package metrics_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/metrics"
)

//go:embed testdata/kafka-connect-4.3.1.txt
var ofJava string

// Whoever knows a metric of a Java worker finds it here, or the reason why not.
func TestEveryMetricOfAJavaWorkerIsHereOrExplained(t *testing.T) {
	here, explained := map[string]bool{}, map[string]bool{}
	for _, m := range all() {
		here[m.Name] = true
	}
	for _, d := range metrics.Deviations() {
		for _, name := range d.Names {
			explained[d.Group+" "+name] = true
		}
		for _, name := range d.Instead {
			if !here[name] {
				t.Errorf("%s is said to be there instead of %s of %s and is not", name, d.Names, d.Group)
			}
		}
	}
	java := slices.DeleteFunc(strings.Split(strings.TrimSpace(ofJava), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "#")
	})
	for _, line := range java {
		group, name, _ := strings.Cut(line, " ")
		switch alike := metrics.Name(group, name); {
		case here[alike] && explained[line]:
			t.Errorf("%s is there as %s and is explained all the same", line, alike)
		case !here[alike] && !explained[line]:
			t.Errorf("%s is neither there as %s nor explained", line, alike)
		}
		delete(explained, line)
	}
	if len(java) < 80 || len(explained) > 0 {
		t.Errorf("%d metrics of a Java worker were looked at, and it does not have %v", len(java), explained)
	}
}
