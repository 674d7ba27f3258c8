package elasticsearch

import (
	"context"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/bulk"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/indices"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// writer puts the parts of a running task together: records go in through the
// intake, senders take them out of the lanes in the background, and whatever
// cannot go on ends all of them. The task calls its methods one at a time;
// failures and metrics come from any goroutine.
//
//	running ── a failure ──▶ failed ──┐
//	   └──────── stop ────────────────┴──▶ stopped
type writer struct {
	intake *intake
	sender *sender

	ctx    context.Context // of all sending
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex // guards failed
	failed error
}

func newWriter(s *settings.Settings, tc connect.SinkContext, m *metrics.Metrics) (*writer, error) {
	client, err := cluster.New(&s.Cluster)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.sender = &sender{
		settings: s, log: tc.Logger(), cluster: client,
		budget: sinkkit.NewBudget(tc, sinkkit.Load{Records: s.BufferRecords, Bytes: s.BufferBytes}),
		outage: &sinkkit.Outage{Log: tc.Logger(),
			Away: "elasticsearch takes no documents, trying again", Back: "elasticsearch takes documents again"},
		timeouts: &timeouts{first: s.ReadTimeout, limit: s.FlushTimeout},
		requests: newRequests(), lanes: newLanes(s), indices: indices.New(s, tc.Logger(), client),
		metrics: m, fail: w.fail,
	}
	w.sender.refusals = newRefusals(s, tc, m, w.sender.budget, w.fail)
	w.intake = &intake{settings: s, planner: bulk.NewPlanner(s), lines: bulk.NewLines(s), parts: partitions{}, metrics: m,
		lanes: w.sender.lanes, indices: w.sender.indices}
	return w, nil
}

// start looks for the cluster and begins to send. A cluster that does not answer
// is looked for in the background.
func (w *writer) start(ctx context.Context) error {
	if w.sender.settings.Cluster.InTheClear() {
		w.sender.log.Warn("the password or API key is sent without TLS, and whoever is between can read it; "+
			"use https in connection.url", "url", w.sender.settings.Cluster.Name())
	}
	away, err := w.sender.find(ctx)
	if err != nil {
		return err
	}
	w.wg.Go(func() {
		if away != nil {
			if err := w.sender.search(w.ctx, away); err != nil {
				w.fail(err)
				return
			}
		}
		var senders sync.WaitGroup
		for i := range w.sender.settings.InFlight {
			l := w.sender.lanes.list[i%len(w.sender.lanes.list)]
			senders.Go(func() { w.sender.run(w.ctx, l) })
		}
		senders.Wait()
	})
	return nil
}

// stop gives up what is not written and waits for the goroutines to end.
func (w *writer) stop() {
	w.cancel()
	w.sender.lanes.stop()
	w.wg.Wait()
	w.sender.cluster.Close()
	w.sender.refusals.dropped.Close()
	if n := w.buffered(); n.Records > 0 {
		w.sender.log.Info("records are not written yet and are read again when the task starts", "records", n.Records,
			"bytes", n.Bytes)
	}
}

// fail ends all sending; the task returns err from its next call.
func (w *writer) fail(err error) {
	if w.ctx.Err() != nil {
		return // It ends already.
	}
	w.mu.Lock()
	if w.failed == nil {
		w.failed = err
	}
	w.mu.Unlock()
	w.cancel()
	w.sender.lanes.stop()
}

// err returns why the writer gave up, nil while it has not.
func (w *writer) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// put takes records, and refuses those that cannot become documents.
func (w *writer) put(records []*connect.SinkRecord) error {
	if err := w.err(); err != nil {
		return err
	}
	added, refused, err := w.intake.put(records)
	w.sender.budget.Take(added)
	if w.sender.budget.Full() {
		w.sender.lanes.flush() // No more records come that a batch could wait for.
	}
	for _, r := range refused {
		w.sender.refusals.invalid(r)
	}
	if failed := w.err(); failed != nil {
		return failed
	}
	return err
}

// open starts to accept records of partitions.
func (w *writer) open(list []connect.TopicPartition) {
	w.intake.parts.open(list)
	w.sender.budget.Open(list...)
}

// close drops what is buffered of partitions and waits for the requests under
// way that carry them, at most for closeTimeout; then, or at once when the
// partitions are lost, it cancels these requests. Afterwards nothing more is
// sent for them.
func (w *writer) close(ctx context.Context, list []connect.TopicPartition, lost bool) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	closed := w.intake.parts.close(list)
	w.sender.budget.Close(list...)
	w.sender.requests.finish(ctx, closed, lost)
	w.sender.budget.Release(w.sender.lanes.drop())
}

func (w *writer) buffered() sinkkit.Load { return w.sender.budget.Used() }

// now is what the metrics measure; a nil writer has nothing.
func (w *writer) now() metrics.Now {
	if w == nil {
		return metrics.Now{}
	}
	away, _ := w.sender.outage.State()
	return metrics.Now{Held: w.buffered(), InFlight: w.sender.requests.count(), Pauses: w.sender.budget.Pauses(),
		Away: away}
}

// closeTimeout bounds how long a partition that is given up waits for requests
// under way.
const closeTimeout = 10 * time.Second
