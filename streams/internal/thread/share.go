package thread

import (
	"sync"

	"github.com/suiro/suiro/streams/topology"
)

// share is what the group has given the thread: the topics of each task, whose partition of each
// feeds it. Its zero value is empty. Any goroutine may use it.
type share struct {
	mu     sync.Mutex
	topics map[topology.TaskID]map[string]bool // mu guards it; no task has none
}

// own notes that a partition feeds a task.
func (s *share) own(id topology.TaskID, topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.topics == nil {
		s.topics = map[topology.TaskID]map[string]bool{}
	}
	if s.topics[id] == nil {
		s.topics[id] = map[string]bool{}
	}
	s.topics[id][topic] = true
}

// lose notes that it does not any more, and reports whether others still do.
func (s *share) lose(id topology.TaskID, topic string) (others bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.topics[id], topic)
	if len(s.topics[id]) > 0 {
		return true
	}
	delete(s.topics, id)
	return false
}

// of returns the partitions that feed a task, in the form in which the client takes them.
func (s *share) of(id topology.TaskID) map[string][]int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	partitions := map[string][]int32{}
	for topic := range s.topics[id] {
		partitions[topic] = []int32{id.Partition}
	}
	return partitions
}

// each calls do with all partitions.
func (s *share) each(do func(topic string, partition int32)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, topics := range s.topics {
		for topic := range topics {
			do(topic, id.Partition)
		}
	}
}

// where returns the partitions for which chosen is true.
func (s *share) where(chosen func(topic string, partition int32) bool) map[string][]int32 {
	partitions := map[string][]int32{}
	s.each(func(topic string, partition int32) {
		if chosen(topic, partition) {
			partitions[topic] = append(partitions[topic], partition)
		}
	})
	return partitions
}
