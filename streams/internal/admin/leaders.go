package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/streams/internal/member"
)

// leaderPatience is how long topics may have no leader before it is logged.
const leaderPatience = 5 * time.Second

// leaders waits for the leaders of topics.
type leaders struct {
	adm      *kadm.Client
	patience time.Duration
	log      *slog.Logger // nil for none
}

// await waits until brokers tell where the topics end. A topic that was made a moment ago,
// here or by another instance, has no leader yet, and tasks that begin would fail.
func (l leaders) await(ctx context.Context, topics []string) error {
	if len(topics) == 0 {
		return nil // the request would be for all topics
	}
	told := false
	for began := time.Now(); ; {
		why, err := l.missing(ctx, topics)
		if err != nil || why == nil {
			return err
		}
		waited := time.Since(began)
		if waited >= l.patience {
			return fmt.Errorf("%w, after %v: see with kafka-topics.sh --describe which partitions have no leader, and in the "+
				"logs of the brokers why, and start the app again when all have one", why, waited.Round(time.Millisecond))
		}
		if !told && waited >= leaderPatience && l.log != nil {
			told = true
			l.log.Warn("the app waits for the leaders of its topics", "reason", why.Error())
		}
		if err := backoff.Sleep(ctx, newTopicPause); err != nil {
			return err
		}
	}
}

// missing returns why the brokers do not tell where the topics end, nil when they do for all.
// err is what waiting does not help against.
func (l leaders) missing(ctx context.Context, topics []string) (why, err error) {
	ends, err := l.adm.ListEndOffsets(ctx, topics...)
	var unanswered *kadm.ShardErrors
	if err != nil && !errors.As(err, &unanswered) {
		err = fmt.Errorf("list offsets of %s: %w", strings.Join(topics, ", "), err)
		if member.Unreachable(err) || kgo.IsRetryableBrokerErr(err) {
			return err, nil // a broker went away meanwhile
		}
		return nil, err
	}
	if unanswered != nil {
		why = fmt.Errorf("some of the topics %s have no leader: %w", strings.Join(topics, ", "), unanswered.Errs[0].Err)
	}
	for _, topic := range topics {
		for partition, o := range ends[topic] {
			switch {
			case o.Err == nil:
			case !kerr.IsRetriable(o.Err):
				return nil, fmt.Errorf("list offsets of %s: %w", topic, o.Err)
			default:
				why = fmt.Errorf("topic %s has no leader of partition %d: %w", topic, max(partition, 0), o.Err)
			}
		}
	}
	return why, nil
}
