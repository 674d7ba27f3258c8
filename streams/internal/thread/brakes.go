package thread

import (
	"maps"

	"github.com/suiro/suiro/streams/topology"
)

// fetching is what a client does of it. kgo.Client implements it.
type fetching interface {
	PauseFetchPartitions(partitions map[string][]int32) map[string][]int32
	ResumeFetchPartitions(partitions map[string][]int32)
}

// brakes stop fetching for tasks that have enough to do. They belong to the goroutine of the thread.
type brakes struct {
	client fetching
	share  *share
	tasks  map[topology.TaskID]bool            // of which nothing is fetched
	topics map[topology.TaskID]map[string]bool // of which nothing is fetched for the task
}

func newBrakes(client fetching, s *share) brakes {
	return brakes{client, s, map[topology.TaskID]bool{}, map[topology.TaskID]map[string]bool{}}
}

// stop stops fetching for a task.
func (b *brakes) stop(id topology.TaskID) {
	if !b.tasks[id] {
		b.tasks[id] = true
		b.client.PauseFetchPartitions(b.share.of(id))
	}
}

// stopTopic stops fetching of one topic for a task.
func (b *brakes) stopTopic(id topology.TaskID, topic string) {
	if b.topics[id][topic] {
		return
	}
	if b.topics[id] == nil {
		b.topics[id] = map[string]bool{}
	}
	b.topics[id][topic] = true
	b.client.PauseFetchPartitions(map[string][]int32{topic: {id.Partition}})
}

// releaseTopics fetches again those topics for a task that may be, unless nothing is fetched for it.
func (b *brakes) releaseTopics(id topology.TaskID, may func(topic string) bool) {
	for topic := range b.topics[id] {
		if !b.tasks[id] && may(topic) {
			delete(b.topics[id], topic)
			b.client.ResumeFetchPartitions(map[string][]int32{topic: {id.Partition}})
		}
	}
}

// release fetches again for a task for which nothing was fetched, all of its topics.
func (b *brakes) release(id topology.TaskID) {
	if b.tasks[id] {
		delete(b.tasks, id)
		delete(b.topics, id)
		b.client.ResumeFetchPartitions(b.share.of(id))
	}
}

// releaseAll releases every task. It is called when no record waits for a task any more: one for
// which nothing is fetched would get no records in the next epoch, and so nothing would release it.
func (b *brakes) releaseAll() {
	for id := range maps.Clone(b.tasks) {
		b.release(id)
	}
}
