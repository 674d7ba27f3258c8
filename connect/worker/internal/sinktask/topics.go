package sinktask

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// missingTopics returns those of the topics that do not exist, sorted.
func missingTopics(ctx context.Context, admin *kadm.Client, topics []string) ([]string, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	found, err := admin.ListTopics(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("look for topics %s: %w", strings.Join(topics, ", "), err)
	}
	var missing []string
	for _, t := range topics {
		switch err := found[t].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, t)
		case err != nil:
			return nil, fmt.Errorf("look for topic %s: %w", t, err)
		}
	}
	slices.Sort(missing)
	return missing, nil
}
