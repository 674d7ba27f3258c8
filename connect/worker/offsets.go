package worker

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
)

// offsetStores open where source offsets are kept: in the store that all connectors share
// and, for some, in a topic of their own.
type offsetStores struct {
	plan    *plan.Worker
	logger  *slog.Logger
	brokers *kafka.Brokers
	shared  backing.OffsetStore // open from start to close, otherwise nil
}

// start opens the store that connectors share.
func (s *offsetStores) start(ctx context.Context) (err error) {
	if s.plan.OffsetTopic == "" {
		s.shared, err = backing.OpenFile(s.plan.OffsetFile)
		return err
	}
	topic, err := s.topic(ctx, s.plan.OffsetTopic, s.plan.Producer)
	if err == nil {
		s.shared = topic
	}
	return err
}

// topic opens an offset topic where a client writes to.
func (s *offsetStores) topic(ctx context.Context, name string, client plan.Client) (*backing.Topic, error) {
	opts, err := client.Options()
	if err != nil {
		return nil, err
	}
	return backing.OpenTopic(ctx, name, &backing.TopicOptions{
		Partitions:        int32(s.plan.OffsetPartitions),
		ReplicationFactor: int16(s.plan.OffsetReplication),
		Settings:          s.plan.OffsetSettings,
		Logger:            s.logger,
	}, append(opts, kafka.Logger(s.logger), s.brokers.Opt())...)
}

// open is [Worker.OpenOffsets].
func (s *offsetStores) open(ctx context.Context, p *plan.Connector) (backing.OffsetStore, func(), error) {
	if p.Records == nil || p.Records.OffsetTopic == "" {
		return s.shared, func() {}, nil
	}
	own, err := s.topic(ctx, p.Records.OffsetTopic, p.Producer)
	if err != nil {
		return nil, nil, fmt.Errorf("open the connector's own offset topic (offsets.storage.topic): %w", err)
	}
	layered := backing.NewLayered(own, s.shared, s.logger.With("connector", p.Name))
	return layered, func() { _ = layered.Close() }, nil // its client has nothing left to write
}
