package thread

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/queues"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

func (th *Thread) groupOptions() []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumerGroup(th.o.Group),
		kgo.InstanceID(th.o.Name),
		kgo.ConsumeTopics(th.o.Sources.Topics()...),
		kgo.Balancers(group.Shutdown{GroupBalancer: th.o.Sources.Balancer(th.o.Grouped), Told: th.o.Told}),
		kgo.DisableAutoCommit(),
		kgo.HeartbeatInterval(min(th.o.HeartbeatInterval, attention)),
		kgo.BlockRebalanceOnPoll(),
		// Where a transaction marker ends, the records before it are all processed:
		// without the markers it would seem as if something was left.
		kgo.KeepControlRecords(),
		kgo.WithHooks(&th.joining, groupErrors(th.expelled)),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, gained map[string][]int32) {
			th.joining.Store(false)
			th.leaveBehind(gained)
			th.summary.Assign(gained)
			th.awaitOffsets(gained)
		}),
		kgo.OnOffsetsFetched(th.marks.Fetched),
		kgo.AdjustFetchOffsetsFn(th.gained),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			th.lost(lost, false)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) { th.lost(lost, true) }),
		kgo.OnPartitionsCallbackBlocked(func(context.Context, *kgo.Client) {
			th.blocked.Store(true)
			th.Wake()
		}),
		kgo.RecordPartitioner(kafka.Partitioner()),
	}
}

// A session of the client (kgo.GroupTransactSession) announces one revocation and one loss, and is
// silent about every other one until the thread ends an epoch, or tells it that it has heard
// (settleRevoked). A join that fails is a loss, too, of nothing: after it the session says nothing
// of the partitions that the next loss takes. A second revocation can come before the thread has
// gone round, as on a busy machine. So expelled hears of all losses, and leaveBehind finds what was
// revoked in silence.

// expelled stops all tasks that are left when the client has lost its membership, and all
// partitions with it.
func (th *Thread) expelled() {
	th.lost(th.share.where(func(string, int32) bool { return true }), true)
}

// groupErrors is called with every loss, after the session. It implements kgo.HookGroupManageError.
type groupErrors func()

// OnGroupManageError implements kgo.HookGroupManageError.
func (f groupErrors) OnGroupManageError(error) { f() }

// leaveBehind stops the tasks of partitions that were revoked in silence. The group has given the
// thread others; those that it kept are known to the client with their offsets. A task that is left
// would show its stores beside those of the new owner.
func (th *Thread) leaveBehind(gained map[string][]int32) {
	<-th.opened
	known := th.client.CommittedOffsets()
	left := th.share.where(func(topic string, partition int32) bool {
		_, kept := known[topic][partition]
		return !kept && !slices.Contains(gained[topic], partition)
	})
	if len(left) > 0 {
		th.lost(left, false)
	}
}

// attention is how often a thread asks at least whether its group rebalances. One that has
// records asks with each commit. All members of a group wait for the last one to hear of it, and
// so do the tasks that nobody has meanwhile.
const attention = 200 * time.Millisecond

// patience is how many heartbeats pass before a thread logs what it waits for.
const patience = 10

// awaitOffsets warns when it takes long to get the offsets of new partitions.
// Either the coordinator is away, or a transaction that commits offsets is open:
// the group gives no offsets until it ends (KIP-447), and no error says so.
func (th *Thread) awaitOffsets(gained map[string][]int32) {
	if len(gained) == 0 {
		return
	}
	th.setWaiting(time.AfterFunc(patience*th.o.HeartbeatInterval, func() {
		th.o.Logger.Warn("tasks wait for the offsets of their group: its coordinator is away, or a transaction that commits "+
			"offsets is open; if it does not end within its time-out, find its owner with kafka-transactions.sh find-hanging",
			"thread", th.o.Name, "group", th.o.Group)
	}))
}

// setWaiting replaces the timer of awaitOffsets; nil stops it.
func (th *Thread) setWaiting(t *time.Timer) {
	th.mu.Lock()
	defer th.mu.Unlock()
	if th.waiting != nil {
		th.waiting.Stop()
	}
	th.waiting = t
}

// gained starts the tasks of new partitions, once the group's offsets have
// been fetched and before their first record is.
func (th *Thread) gained(
	ctx context.Context, offsets map[string]map[int32]kgo.Offset,
) (map[string]map[int32]kgo.Offset, error) {
	<-th.opened
	th.setWaiting(nil)
	if err := th.resolve(ctx, offsets); err != nil {
		return nil, err
	}
	fresh := map[topology.TaskID]bool{}
	for topic, partitions := range offsets {
		for p := range partitions {
			id := th.task(topic, p)
			fresh[id] = true
			th.share.own(id, topic)
		}
	}
	// Offsets are fetched only for partitions that were not owned. A task that
	// exists all the same was left behind, and others may have continued with its
	// state since.
	th.stopTasks(func(id topology.TaskID) bool { return fresh[id] })
	ends, err := th.ends(ctx, offsets)
	if err != nil {
		return nil, err
	}
	th.mu.Lock()
	defer th.mu.Unlock()
	for topic, partitions := range offsets {
		for p, o := range partitions {
			th.o.Lags.Own(topic, p, o.EpochOffset().Offset)
		}
	}
	for id := range fresh {
		th.queue(id, offsets, ends)
		th.tasks[id] = th.start(id)
	}
	return offsets, nil
}

// ends asks where new partitions end whose tasks have others too.
func (th *Thread) ends(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (kadm.ListedOffsets, error) {
	var topics []string
	for topic, partitions := range offsets {
		for p := range partitions {
			if len(th.share.of(th.task(topic, p))) > 1 {
				topics = append(topics, topic)
				break
			}
		}
	}
	if len(topics) == 0 {
		return nil, nil
	}
	adm := kadm.NewClient(th.client)
	list := adm.ListEndOffsets
	if th.o.ExactlyOnce {
		list = adm.ListCommittedOffsets
	}
	ends, err := list(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("list offsets of %v: %w", topics, err)
	}
	return ends, nil
}

// queue makes the queue of a task with several partitions, or adds new ones to it. th.mu
// is held.
func (th *Thread) queue(id topology.TaskID, offsets map[string]map[int32]kgo.Offset, ends kadm.ListedOffsets) {
	q, parts := th.queues[id], th.share.of(id)
	if q == nil && len(parts) < 2 {
		return
	}
	if q == nil {
		q = queues.New(th.o.Source, th.o.MaxTaskIdle)
		th.queues[id] = q
	}
	for _, topic := range slices.Sorted(maps.Keys(parts)) {
		from, fresh := offsets[topic][id.Partition]
		if !fresh && q.Has(topic, id.Partition) {
			continue
		}
		next, end := from.EpochOffset(), int64(0)
		if at, ok := ends.Lookup(topic, id.Partition); ok && at.Err == nil {
			end = at.Offset
		}
		q.Own(topic, id.Partition, next, end, th.marks.Of(topic, id.Partition).Time)
	}
}

// resolve turns auto.offset.reset, where it applies, into the offset that it means
// now, because an aborted epoch goes back to that offset. Without one the client
// takes 0 for the last committed offset, which is neither the first nor the latest.
// In the app's own topics every record counts: the first ones may have been written
// before the partition had an owner.
func (th *Thread) resolve(ctx context.Context, offsets map[string]map[int32]kgo.Offset) error {
	adm := kadm.NewClient(th.client)
	list := map[int64]func(context.Context, ...string) (kadm.ListedOffsets, error){
		resetEarliest: adm.ListStartOffsets, resetLatest: adm.ListEndOffsets,
	}
	if th.o.ExactlyOnce {
		list[resetLatest] = adm.ListCommittedOffsets
	}
	for topic, partitions := range offsets {
		listed := map[int64]kadm.ListedOffsets{}
		for p, o := range partitions {
			reset := o.EpochOffset().Offset
			if reset >= 0 {
				continue
			}
			if s := th.o.Source(topic); s != nil && resets[s.Reset] != 0 {
				reset = resets[s.Reset]
			}
			if th.o.Internal[topic] {
				reset = resetEarliest
			}
			if list[reset] == nil {
				return fmt.Errorf("%s-%d has no committed offset and auto.offset.reset is none: "+
					"commit one for group %s, or set auto.offset.reset to earliest or latest", topic, p, th.o.Group)
			}
			if listed[reset] == nil {
				l, err := list[reset](ctx, topic)
				if err != nil {
					return fmt.Errorf("list offsets of %s: %w", topic, err)
				}
				listed[reset] = l
			}
			at, ok := listed[reset].Lookup(topic, p)
			if !ok {
				at.Err = kerr.UnknownTopicOrPartition
			}
			if at.Err != nil {
				return fmt.Errorf("list offsets of %s-%d: %w", topic, p, at.Err)
			}
			partitions[p] = kgo.NewOffset().At(at.Offset)
		}
	}
	return nil
}

// How kgo writes the offsets that auto.offset.reset stands for.
const (
	resetEarliest = -2
	resetLatest   = -1
	resetNone     = -999 // no offset of kgo's
)

// resets are the offsets of a source's own reset.
var resets = map[string]int64{
	topology.ResetEarliest: resetEarliest, topology.ResetLatest: resetLatest, topology.ResetNone: resetNone,
}

// start starts a task and holds its partitions until it is ready.
func (th *Thread) start(id topology.TaskID) *task.Task {
	partitions := th.share.of(id)
	th.client.PauseFetchPartitions(partitions)
	t := th.o.Start(context.Background(), id, th.leftAt(partitions), th.client.Produce)
	th.summary.Start(id, partitions)
	th.o.Metrics.Created()
	go func() {
		select {
		case <-t.Ready():
			th.client.ResumeFetchPartitions(partitions)
			th.o.Logger.Debug("task is running", "task", id.String())
		case <-t.Stopped():
		}
		restored, _ := t.Restored()
		th.summary.End(id, restored)
		<-t.Stopped()
		th.o.Metrics.Closed()
		th.Wake()
	}()
	return t
}

// lost stops the tasks of partitions that are revoked, or lost with the membership when removed is
// set. It runs between epochs, so the tasks hold nothing uncommitted. A loss of nothing is settled
// as any other: the session would otherwise abort the next epoch.
func (th *Thread) lost(partitions map[string][]int32, removed bool) {
	th.blocked.Store(false)
	if removed {
		th.joining.Store(false)
	} else if len(partitions) == 0 {
		return
	}
	th.summary.Lose(partitions, removed)
	th.setWaiting(nil)
	gone := map[topology.TaskID]bool{}
	for topic, ps := range partitions {
		for _, p := range ps {
			gone[th.task(topic, p)] = true
		}
	}
	th.stopTasks(func(id topology.TaskID) bool { return gone[id] })
	th.mu.Lock()
	for topic, ps := range partitions {
		for _, p := range ps {
			th.o.Lags.Lose(topic, p)
			th.lose(th.task(topic, p), topic)
		}
	}
	for id := range gone {
		if len(th.share.of(id)) > 0 && !removed { // one of its topics went
			th.tasks[id] = th.start(id)
		}
	}
	th.mu.Unlock()
	th.revoked.Store(true)
	th.Wake()
}

// stopTasks stops the chosen tasks and waits until they have stopped.
func (th *Thread) stopTasks(chosen func(topology.TaskID) bool) {
	th.mu.Lock()
	var stop []*task.Task
	for id, t := range th.tasks {
		if chosen(id) {
			stop = append(stop, t)
			delete(th.tasks, id)
		}
	}
	th.mu.Unlock()
	for _, t := range stop {
		t.Stop()
		th.o.Logger.Debug("task is stopped", "task", t.ID.String())
	}
}

// mark returns what is committed with the offset of a partition. It is called between
// records.
func (th *Thread) mark(topic string, partition int32) string {
	at := th.marks.Of(topic, partition)
	t := th.running(th.task(topic, partition))
	if t == nil {
		return at.String()
	}
	select {
	case <-t.Ready():
		if now, ok := t.PartitionTime(topic, partition); ok {
			at.Time = now
		}
		at.Processors = t.Kept()
	default:
	}
	return at.String()
}

// leftAt returns how the last commit has left the partitions of a task. Of what nodes keep the
// largest counts, as in Kafka Streams.
func (th *Thread) leftAt(partitions map[string][]int32) task.Left {
	left := task.Left{Times: map[string]int64{}, Kept: map[string]int64{}}
	for topic, ps := range partitions {
		for _, p := range ps {
			at := th.marks.Of(topic, p)
			left.Times[topic] = at.Time
			for key, value := range at.Processors {
				if known, ok := left.Kept[key]; !ok || value > known {
					left.Kept[key] = value
				}
			}
		}
	}
	return left
}
