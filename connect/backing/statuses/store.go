package statuses

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
)

// Options are what Go code passes to a store; nil is fine.
type Options struct {
	// Partitions of a topic that is made; -1 is the broker's default. Default: 5.
	Partitions int32
	// Replication is how many replicas a topic gets that is made; -1 is the broker's
	// default. Default: 3.
	Replication int16
	// Settings are those of a topic that is made, such as min.insync.replicas: what a
	// worker has as status.storage.*. It is compacted whatever they say. Default: the
	// broker's.
	Settings map[string]string
	// Logger takes warnings about records that are not understood, and about the topic
	// when it cannot be read or written. Default: nothing is logged.
	Logger *slog.Logger
}

// log is where a store writes to and reads from.
type log interface {
	// put writes in the background; a nil value removes. may is asked before each try.
	put(key string, value []byte, may func() bool)
	flush(ctx context.Context) error
	refresh(ctx context.Context) error
	run(ctx context.Context) error
	close()
}

// Store keeps what connectors and tasks do. It is safe for concurrent use. Methods that
// write do not wait.
type Store struct {
	table *table
	log   log
}

// Run reads what is written and writes what was put, until ctx is done; it then returns
// nil. While brokers are away it waits for them. It fails when the topic has a batch
// that is too large to be read, behind which nothing is known. It is called once.
func (s *Store) Run(ctx context.Context) error { return s.log.run(ctx) }

// Refresh reads to the end that the log has when it is called. What was put before may
// not be written yet: Flush first.
func (s *Store) Refresh(ctx context.Context) error { return s.log.refresh(ctx) }

// Flush waits until everything that was put before is written, which Run does.
func (s *Store) Flush(ctx context.Context) error { return s.log.flush(ctx) }

// Close releases what the store holds. It is called once, after Run has returned.
func (s *Store) Close() { s.log.close() }

// PutConnector writes the status of a connector.
func (s *Store) PutConnector(name string, status Status) { s.put(connectorPrefix+name, status, nil) }

// PutConnectorSafe writes the status of a connector, unless another worker has written
// one in a later generation.
func (s *Store) PutConnectorSafe(name string, status Status) {
	s.put(connectorPrefix+name, status, func() bool {
		known, ok := s.Connector(name)
		return !ok || status.mayFollow(known)
	})
}

// RemoveConnector removes the status of a connector and those of its tasks. The topics
// that it uses stay: see RemoveTopic.
func (s *Store) RemoveConnector(name string) {
	for n := range s.Tasks(name) {
		s.RemoveTask(api.TaskID{Connector: name, Task: n})
	}
	s.log.put(connectorPrefix+name, nil, nil)
}

// PutTask writes the status of a task.
func (s *Store) PutTask(id api.TaskID, status Status) { s.put(taskKey(id), status, nil) }

// PutTaskSafe writes the status of a task, unless another worker has written one in a
// later generation.
func (s *Store) PutTaskSafe(id api.TaskID, status Status) {
	s.put(taskKey(id), status, func() bool {
		known, ok := s.Task(id)
		return !ok || status.mayFollow(known)
	})
}

// RemoveTask removes the status of a task.
func (s *Store) RemoveTask(id api.TaskID) { s.log.put(taskKey(id), nil, nil) }

// PutTopic writes that a connector uses a topic.
func (s *Store) PutTopic(t Topic) {
	if text, err := encodeTopic(t); err == nil {
		s.log.put(topicKey(t.Connector, t.Name), text, nil)
	}
}

// RemoveTopic forgets that a connector uses a topic.
func (s *Store) RemoveTopic(connector, topic string) { s.log.put(topicKey(connector, topic), nil, nil) }

func (s *Store) put(key string, status Status, may func() bool) {
	if text, err := encode(status); err == nil {
		s.log.put(key, text, may)
	}
}

// Connector returns the status of a connector, if it has one.
func (s *Store) Connector(name string) (Status, bool) {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	status, ok := s.table.connectors[name]
	return status, ok
}

// Task returns the status of a task, if it has one.
func (s *Store) Task(id api.TaskID) (Status, bool) {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	status, ok := s.table.tasks[id.Connector][id.Task]
	return status, ok
}

// Late reports whether a worker that had a task before has written last that it stopped
// it. Task is not that status, but compaction leaves no other: whoever runs the task
// writes its own again.
func (s *Store) Late(id api.TaskID) bool {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	return s.table.late[id]
}

// Tasks returns the statuses of the tasks of a connector, by number.
func (s *Store) Tasks(connector string) map[int]Status {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	out := map[int]Status{}
	maps.Copy(out, s.table.tasks[connector])
	return out
}

// Connectors returns the names of the connectors that have a status, sorted.
func (s *Store) Connectors() []string {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	return slices.Sorted(maps.Keys(s.table.connectors))
}

// Topic returns what is known of a topic that a connector uses, if it does.
func (s *Store) Topic(connector, topic string) (Topic, bool) {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	status, ok := s.table.topics[connector][topic]
	return status, ok
}

// Topics returns the topics that a connector uses, by name.
func (s *Store) Topics(connector string) []Topic {
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.table.topics[connector]),
		func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
}
