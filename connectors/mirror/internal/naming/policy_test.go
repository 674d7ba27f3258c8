package naming_test

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/mirror/internal/naming"
)

// names are what MirrorMaker 2's policies answer.
//
//go:embed testdata/names.tsv
var names string

// orNull is how the file writes a text that may be missing.
func orNull(text string, ok bool) string {
	if !ok {
		return "null"
	}
	return text
}

func TestTopicsAreNamedAsByMirrorMaker(t *testing.T) {
	lines := 0
	for line := range strings.Lines(names) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		lines++
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := naming.Policy{Identity: f[0] == "IdentityReplicationPolicy", Source: "east", Separator: f[1], PlainInternals: f[2] == "false"}
		topic := f[3]
		got := fmt.Sprint(p.Remote("east", topic), "\t", orNull(p.SourceOf(topic)), "\t", orNull(p.Upstream(topic)), "\t",
			p.Original(topic), "\t", p.IsHeartbeats(topic), "\t", p.IsInternal(topic), "\t", p.OffsetSyncs("west"), "\t",
			p.Checkpoints("east"), "\t", p.ReturnsTo("west", topic))
		if want := strings.Join(f[4:], "\t"); got != want {
			t.Errorf("%s with separator %q: topic %q: got\n%s\nwant\n%s", f[0], f[1], topic, got, want)
		}
	}
	if lines == 0 {
		t.Error("the file has no case")
	}
}

func TestATopicThatWasMirroredByOthersReturns(t *testing.T) {
	p := naming.Policy{Separator: "."}
	for topic, want := range map[string]bool{"orders": false, "west.orders": true, "east.orders": false,
		"north.west.orders": true, "westorders": false} {
		if got := p.ReturnsTo("west", topic); got != want {
			t.Errorf("ReturnsTo(west, %s) = %v, want %v", topic, got, want)
		}
	}
}
