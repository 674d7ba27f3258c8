//go:build integration

package guides_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/docs/internal/guide"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

func TestGuidesOnKafka(t *testing.T) {
	broker, root := kafkatest.Real(t)[0], top(t)
	bin := guide.Build(t, root)
	guide.UseKafka(t, root, bin)
	for _, page := range onKafka {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin})
		})
	}
}
