package restore

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/suiro/suiro/stores"
)

const (
	// surelyKept is for how long no changelog is asked how long it keeps deletions.
	surelyKept = time.Minute
	// usuallyKept is for how long a changelog that does not say keeps them, Kafka's default.
	usuallyKept = 24 * time.Hour
	// most is how many milliseconds a duration may have.
	most = int64(math.MaxInt64 / time.Millisecond)
)

// giveUpOld wipes the local state that is so old that its changelog may have forgotten a
// deletion since: a key that was deleted meanwhile would come back.
func giveUpOld(ctx context.Context, r *Options) error {
	if r.Away < surelyKept {
		return nil
	}
	kept := keepDeletions(ctx, r)
	var b stores.Batch
	for _, l := range r.Logs {
		offset, ok, err := StoredOffset(r.DB, l.Store.Name, r.Partition)
		if err != nil {
			return err
		}
		if !ok || r.Away < kept[l.Topic] {
			continue
		}
		r.Logger.Info("rebuild local state, which is older than its changelog keeps deletions", "changelog", l.Topic,
			"local_offset", offset, "away", r.Away.Round(time.Second), "delete_retention", kept[l.Topic])
		Wipe(&b, l.Store.Spec, r.Partition)
	}
	if len(b.Ops) == 0 {
		return nil
	}
	return r.DB.Apply(&b)
}

// keepDeletions asks for how long the changelogs keep deletions, their delete.retention.ms.
func keepDeletions(ctx context.Context, r *Options) map[string]time.Duration {
	kept := map[string]time.Duration{}
	var topics []string
	for _, l := range r.Logs {
		kept[l.Topic], topics = usuallyKept, append(topics, l.Topic)
	}
	configs, err := r.Admin.DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		r.Logger.Debug("ask for the configuration of changelogs", "error", err) // it may not be allowed
	}
	for _, c := range configs {
		for _, entry := range c.Configs {
			if entry.Key != "delete.retention.ms" {
				continue
			}
			if ms, err := strconv.ParseInt(entry.MaybeValue(), 10, 64); err == nil && ms >= 0 {
				kept[c.Name] = time.Duration(min(ms, most)) * time.Millisecond
			}
		}
	}
	return kept
}
