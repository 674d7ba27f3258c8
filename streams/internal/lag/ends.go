package lag

import (
	"context"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

const (
	endsTick     = time.Second
	endsInterval = 10 * time.Second // between two questions, unless an end is unknown
	endsPatience = 5 * time.Second  // for the answer
)

// Follow asks where the partitions of t end, every ten seconds and when one comes,
// until ctx is done. While no broker answers, the ends stay as they were.
func Follow(ctx context.Context, t *Tracker, adm *kadm.Client, log *slog.Logger) {
	tick := time.NewTicker(endsTick)
	defer tick.Stop()
	for asked := (time.Time{}); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if time.Since(asked) >= endsInterval || t.unknown() {
			asked = time.Now()
			if err := ends(ctx, t, adm); err != nil {
				log.Debug("list the ends of partitions", "error", err)
				asked = time.Time{} // until a broker is back
			}
		}
	}
}

func ends(ctx context.Context, t *Tracker, adm *kadm.Client) error {
	topics := t.topics()
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, endsPatience)
	defer cancel()
	listed, err := adm.ListEndOffsets(ctx, topics...)
	listed.Each(func(o kadm.ListedOffset) {
		if o.Err == nil {
			t.End(o.Topic, o.Partition, o.Offset)
		}
	})
	return err
}
