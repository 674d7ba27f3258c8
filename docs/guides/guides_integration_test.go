//go:build integration

package guides_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/docs/internal/guide"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

func TestGuidesOnKafka(t *testing.T) {
	broker, root := kafkatest.Real(t)[0], top(t)
	admin := kadm.NewClient(kafkatest.Client(t, []string{broker}))
	t.Cleanup(func() { // what a page leaves would be there when it is followed again
		ctx := context.Background()
		_, err := admin.DeleteTopics(ctx, "clicks-ltsv", "clicks-json")
		_, err2 := admin.DeleteGroups(ctx, "clicks")
		if err := errors.Join(err, err2); err != nil {
			t.Error(err)
		}
	})
	bin := guide.Build(t, root)
	guide.UseKafka(t, root, bin)
	for _, page := range onKafka {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin})
		})
	}
}
