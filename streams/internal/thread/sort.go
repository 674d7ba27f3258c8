package thread

import (
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// work is records that a task can process.
type work struct {
	id      topology.TaskID
	task    *task.Task
	records []*kgo.Record
	bytes   int64
}

// sort returns what can be processed now. Records of tasks with several partitions wait
// in queues until their turn has come.
func (th *Thread) sort(polled []portion) (out []work, err error) {
	for _, p := range polled {
		id := th.task(p.topic, p.partition)
		t := th.running(id)
		if t == nil {
			// Partitions come and go between epochs, so this cannot happen. To
			// continue would commit records that no task has processed.
			return nil, fmt.Errorf("records of %s-%d have no task", p.topic, p.partition)
		}
		th.o.Lags.Begin(p.topic, p.partition, p.start)
		th.o.Lags.Read(p.topic, p.partition, p.next.Offset, p.end)
		switch {
		case th.enqueue(id, p):
		case len(p.records) > 0:
			out = append(out, work{id, t, p.records, p.bytes})
		case th.touched[id] == nil: // only a marker, and nothing before it is open
			th.o.Lags.Commit(p.topic, p.partition)
		}
		th.markers = th.markers || len(p.records) == 0
	}
	return th.punctual(append(out, th.dequeue()...)), nil
}

// enqueue puts records into the queue of their task, if it has one. A partition whose
// queue is full is not fetched from.
func (th *Thread) enqueue(id topology.TaskID, p portion) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	q := th.queues[id]
	if q == nil {
		return false
	}
	bytes := q.Add(p.topic, p.partition, p.records, p.bytes, p.next, p.stable)
	if bytes > th.inputBytes()/8 {
		th.brakes.stopTopic(id, p.topic)
	}
	return true
}

// dequeue takes what is ready from the queues.
func (th *Thread) dequeue() (out []work) {
	th.mu.Lock()
	defer th.mu.Unlock()
	now := time.Now()
	for id, q := range th.queues {
		t := th.tasks[id]
		if t == nil {
			continue
		}
		if records, bytes := q.Take(now); len(records) > 0 {
			t.Metrics.Enforced(q.Enforced())
			out = append(out, work{id, t, records, bytes})
		}
		th.brakes.releaseTopics(id, func(topic string) bool {
			return q.Bytes(topic, id.Partition) < th.inputBytes()/16
		})
	}
	return out
}

// punctual adds tasks in which something is due by the clock and that have nothing else
// to do: it is called after the records of the others.
func (th *Thread) punctual(out []work) []work {
	th.mu.Lock()
	defer th.mu.Unlock()
	now := time.Now()
	for id, t := range th.tasks {
		if at, ok := next(t); !ok || at.After(now) || !t.Idle() {
			continue
		}
		if !slices.ContainsFunc(out, func(w work) bool { return w.id == id }) {
			out = append(out, work{id: id, task: t})
		}
	}
	return out
}

// next returns when something is due in a task that is ready.
func next(t *task.Task) (at time.Time, ok bool) {
	select {
	case <-t.Ready():
		return t.NextPunctuation()
	default:
		return at, false
	}
}

// soon returns when a queue has waited long enough or something is due by the clock,
// limit at the latest.
func (th *Thread) soon(limit time.Duration) time.Duration {
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, q := range th.queues {
		if at := q.Wait(); !at.IsZero() {
			limit = min(limit, max(time.Until(at), time.Millisecond))
		}
	}
	for _, t := range th.tasks {
		if at, ok := next(t); ok {
			limit = min(limit, max(time.Until(at), time.Millisecond))
		}
	}
	return limit
}

// hand gives records to their tasks.
func (th *Thread) hand(ready []work) {
	if len(ready) > 0 {
		th.o.Processing()
	}
	for _, w := range ready {
		th.touched[w.id] = w.task
		th.records += len(w.records)
		w.task.Process(w.records, w.bytes)
		if _, bytes := w.task.Queued(); bytes > th.inputBytes()/2 {
			th.brakes.stop(w.id)
		}
	}
}

// unsaid reports whether records of queues can be processed, because they have waited for
// long enough, and the client would commit no offset: it takes what it has read for
// committed. They are read again then, which is only so with max.task.idle.ms.
func (th *Thread) unsaid() bool {
	if !th.o.ExactlyOnce || len(th.left) == 0 || len(th.client.UncommittedOffsets()) > 0 {
		return false
	}
	th.mu.Lock()
	defer th.mu.Unlock()
	now := time.Now()
	for _, q := range th.queues {
		if q.Ready(now) {
			return true
		}
	}
	return false
}

// rewind makes the queues go on where the client does, which has been set back to what is
// committed.
func (th *Thread) rewind() {
	th.mu.Lock()
	defer th.mu.Unlock()
	if len(th.left) > 0 {
		th.client.SetOffsets(th.left) // the client takes what it has read for committed
	}
	committed := th.client.CommittedOffsets()
	for _, q := range th.queues {
		q.Ends(func(topic string, partition int32, next kgo.EpochOffset, _ int64) {
			if at, ok := committed[topic][partition]; ok && at.Offset >= 0 {
				next = at
			}
			if at, ok := th.left[topic][partition]; ok {
				next = at
			}
			q.Drop(topic, partition, next)
		})
	}
}

// lose notes that a partition does not feed its task any more. mu is held.
func (th *Thread) lose(id topology.TaskID, topic string) {
	delete(th.left[topic], id.Partition)
	if q := th.queues[id]; q != nil {
		q.Lose(topic, id.Partition)
	}
	if !th.share.lose(id, topic) {
		delete(th.queues, id)
	}
}
