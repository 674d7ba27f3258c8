package app

import (
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/topics"
)

// maxLook is the longest time between two looks at the topic of a global store, which may
// have been made again.
const maxLook = 10 * time.Second

// globals makes the global stores, nil when the topology has none.
func (a *App) globals(db stores.DB, adm *kadm.Client) (*global.Stores, error) {
	all := a.topology.Globals()
	if len(all) == 0 {
		return nil, nil
	}
	return global.New(global.Options{
		Stores: all, DB: db, ApplicationID: a.id, Client: a.reader, Admin: adm,
		LookInterval:   max(topics.LeastAge, min(a.props.Millis("metadata.max.age.ms"), maxLook)),
		MaxPollRecords: a.props.Int("max.poll.records"), Failures: a.failures, Limits: a.limits,
		Metrics: a.metrics.Task(global.TaskID()), Lags: a.lags, Rejections: a.rejections, Logger: a.log,
	})
}

// reader returns the options of the client of a global store.
func (a *App) reader() ([]kgo.Opt, error) {
	opts, err := a.props.Member()
	return append(opts, a.brokers.Opt(), kafka.Logger(a.log)), err
}

// threadsWanted is how many threads the app has: none when all that it does is to keep
// global stores.
func (a *App) threadsWanted() int {
	for _, sub := range a.topology.Subtopologies() {
		if sub.Global == nil {
			return a.props.Int("num.stream.threads")
		}
	}
	return 0
}
