package guides_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/docs/internal/guide"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Every page is followed from top to bottom, each with a broker of its own.
func TestGuides(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	bin := guide.Build(t, root)
	for _, page := range pages {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			broker := kafkatest.Start(t).ListenAddrs()[0]
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin})
		})
	}
}
