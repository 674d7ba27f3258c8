package elasticsearch

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

// find looks for the cluster once. An error is one that waiting does not cure;
// when the cluster only does not answer, found is false.
func (sd *sender) find(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sd.settings.ConnectTimeout+sd.settings.ReadTimeout)
	defer cancel()
	err = sd.look(ctx)
	if err == nil {
		return true, nil
	}
	if hopeless(err) {
		return false, fmt.Errorf("look for Elasticsearch at %s: %s", sd.settings.Cluster.Name(), cluster.Explain(err))
	}
	sd.log.Warn("elasticsearch does not answer, looking for it until it does", "url", sd.settings.Cluster.Name(),
		"error", cluster.Explain(err))
	return false, nil
}

func (sd *sender) look(ctx context.Context) error {
	version, err := sd.cluster.Check(ctx)
	if err == nil {
		sd.log.Info("elasticsearch found", "url", sd.settings.Cluster.Name(), "version", version)
	}
	return err
}

// search looks for the cluster until it is found, or until ctx is done. Until
// then the partitions are paused once enough is buffered.
func (sd *sender) search(ctx context.Context) error {
	r := sd.retry("look for Elasticsearch at " + sd.settings.Cluster.Name())
	r.Outage = nil // The warnings of its own tell the cause in full.
	began, warned := time.Now(), time.Now()
	for {
		if err := r.Again(ctx, nil); err != nil {
			return err
		}
		try, cancel := context.WithTimeout(ctx, sd.settings.ReadTimeout)
		err := sd.look(try)
		cancel()
		switch {
		case err == nil:
			return nil
		case hopeless(err):
			return fmt.Errorf("%s: %s", r.What, cluster.Explain(err))
		case time.Since(warned) >= time.Minute:
			warned = time.Now()
			sd.log.Warn("elasticsearch still does not answer", "url", sd.settings.Cluster.Name(),
				"for", time.Since(began).Round(time.Second), "error", cluster.Explain(err))
		}
	}
}
