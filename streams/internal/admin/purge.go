package admin

import (
	"context"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// purgeInterval is how often processed records of repartition topics are
// deleted; Kafka Streams' repartition.purge.interval.ms.
const purgeInterval = 30 * time.Second

// Purge deletes what the app has processed of its repartition topics, until ctx is
// done. It logs a failure and tries again later: the records only take space.
// While brokers cannot be reached it waits.
func Purge(ctx context.Context, opts []kgo.Opt, n Names, brokers *kafka.Brokers, log *slog.Logger) error {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(purgeInterval):
		}
		if reachable, _, _ := brokers.State(); !reachable {
			continue
		}
		if err := purge(ctx, adm, n); err != nil && ctx.Err() == nil {
			log.Warn("purge repartition topics", "error", err)
		}
	}
}

func purge(ctx context.Context, adm *kadm.Client, n Names) error {
	committed, err := adm.FetchOffsets(ctx, n.ApplicationID)
	if err != nil {
		return err
	}
	done := kadm.Offsets{}
	for _, name := range sorted(n.Internal) {
		for _, o := range committed[n.Topic(name)] {
			if o.Err == nil && o.At > 0 {
				done.Add(o.Offset)
			}
		}
	}
	if len(done) == 0 {
		return nil
	}
	deleted, err := adm.DeleteRecords(ctx, done)
	if err != nil {
		return err
	}
	return deleted.Error()
}
