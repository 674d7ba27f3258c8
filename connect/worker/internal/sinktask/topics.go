package sinktask

import (
	"context"
	"slices"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// missingTopics returns those topics of a sink that do not exist and that the brokers do
// not create, sorted.
func missingTopics(ctx context.Context, cl *kgo.Client, s *plan.Subscription) ([]string, error) {
	found, err := kafka.Existing(ctx, cl, s.CreateTopics, s.Topics...)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(s.Topics), func(name string) bool { _, ok := found[name]; return ok })
	return slices.Sorted(slices.Values(missing)), nil
}
