package telemetry_test

import (
	_ "embed" // for the list
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams/internal/telemetry"
)

//go:embed testdata/kafka-streams-4.3.1.txt
var ofJava string

// Whoever knows a metric of Kafka Streams finds it here, or the reason why not.
func TestEveryMetricOfKafkaStreamsIsHereOrExplained(t *testing.T) {
	here, explained := map[string]bool{"suiro_build_info": true}, map[string]bool{}
	for _, m := range telemetry.List() {
		here[m.Name] = true
	}
	for _, d := range telemetry.Deviations() {
		for _, name := range d.Names {
			if explained[d.Group+" "+name] {
				t.Errorf("%s of %s is explained twice", name, d.Group)
			}
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
		switch alike := telemetry.Name(group, name); {
		case here[alike] && explained[line]:
			t.Errorf("%s is there as %s and is explained all the same", line, alike)
		case !here[alike] && !explained[line]:
			t.Errorf("%s is neither there as %s nor explained", line, alike)
		}
		delete(explained, line)
	}
	if len(java) < 150 || len(explained) > 0 {
		t.Errorf("%d metrics of Kafka Streams were looked at, and it does not have %q", len(java),
			slices.Sorted(maps.Keys(explained)))
	}
}
