package trial

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Owners returns which member of the group has each partition of the input, once the group
// is stable, has so many members, and all partitions are with one of them.
func Owners(ctx context.Context, t *Trial, members int) (owners map[int32]string, err error) {
	err = t.until(ctx, func() (bool, error) {
		group, err := describe(ctx, t)
		if err != nil {
			return false, err
		}
		owners = map[int32]string{}
		for _, m := range group.Members {
			assigned, ok := m.Assigned.AsConsumer()
			if !ok {
				continue
			}
			for _, topic := range assigned.Topics {
				for _, p := range topic.Partitions {
					if topic.Topic == t.Input {
						owners[p] = m.MemberID
					}
				}
			}
		}
		return group.State == "Stable" && len(group.Members) == members && len(owners) == int(t.Partitions), nil
	})
	return owners, err
}

func describe(ctx context.Context, t *Trial) (kadm.DescribedGroup, error) {
	groups, err := t.adm.DescribeGroups(ctx, t.Application)
	if err == nil {
		err = groups.Error()
	}
	if err != nil {
		return kadm.DescribedGroup{}, fmt.Errorf("describe group %s: %w", t.Application, err)
	}
	return groups[t.Application], nil
}
