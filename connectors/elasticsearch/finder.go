package elasticsearch

import (
	"context"
	"errors"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

// find looks for the cluster once. An error is one that waiting does not cure;
// when the cluster only does not answer, away says why.
func (sd *sender) find(ctx context.Context) (away, err error) {
	ctx, cancel := context.WithTimeout(ctx, sd.settings.ConnectTimeout+sd.settings.ReadTimeout)
	defer cancel()
	version, err := sd.cluster.Check(ctx)
	switch {
	case err == nil:
		sd.log.Info("elasticsearch found", "url", sd.settings.Cluster.Name(), "version", version)
		return nil, nil
	case hopeless(err):
		return nil, cluster.Final(sd.looking(), err)
	}
	return err, nil
}

// search looks for the cluster, which is away, until it is found, or until ctx is
// done. Until then the partitions are paused once enough is buffered.
func (sd *sender) search(ctx context.Context, away error) (err error) {
	r := sd.retry(sd.looking())
	defer func() { r.Done(err) }()
	for {
		sd.metrics.Retry(retryReason(away))
		if err := r.Again(ctx, errors.New(cluster.Explain(away))); err != nil {
			return err
		}
		try, cancel := context.WithTimeout(ctx, sd.settings.ReadTimeout)
		_, away = sd.cluster.Check(try)
		cancel()
		switch {
		case away == nil:
			return nil
		case hopeless(away):
			return cluster.Final(r.What, away)
		}
	}
}

func (sd *sender) looking() string { return "look for Elasticsearch at " + sd.settings.Cluster.Name() }
