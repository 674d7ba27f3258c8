package statuses

import (
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/suiro/suiro/connect/herder/api"
)

// table is what was read of a log.
type table struct {
	mu         sync.Mutex // guards the rest
	connectors map[string]Status
	tasks      map[string]map[int]Status
	topics     map[string]map[string]Topic
	late       map[api.TaskID]bool // tasks whose last record was stale
}

func newTable() *table {
	return &table{connectors: map[string]Status{}, tasks: map[string]map[int]Status{},
		topics: map[string]map[string]Topic{}, late: map[api.TaskID]bool{}}
}

// apply takes a record over; a nil value removes. The error says why it is left alone.
func (t *table) apply(key string, value []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := strings.CutPrefix(key, connectorPrefix); ok {
		return t.applyConnector(name, value)
	}
	if name, ok := strings.CutPrefix(key, taskPrefix); ok {
		return t.applyTask(name, value)
	}
	if name, ok := strings.CutPrefix(key, topicPrefix); ok {
		return t.applyTopic(name, value)
	}
	return errors.New("its key is not one that Kafka Connect writes")
}

// applyConnector takes the status of a connector. One that is removed takes those of
// its tasks along.
func (t *table) applyConnector(name string, value []byte) error {
	if name == "" {
		return errors.New("its key has no connector")
	}
	if value == nil {
		delete(t.connectors, name)
		delete(t.tasks, name)
		maps.DeleteFunc(t.late, func(id api.TaskID, _ bool) bool { return id.Connector == name })
		return nil
	}
	s, err := decode(value)
	if err == nil {
		t.connectors[name] = s
	}
	return err
}

func (t *table) applyTask(name string, value []byte) error {
	id, err := parseTask(name)
	if err != nil {
		return err
	}
	if value == nil {
		delete(t.tasks[id.Connector], id.Task)
		delete(t.late, id)
		return nil
	}
	s, err := decode(value)
	if err != nil {
		return err
	}
	known, ok := t.tasks[id.Connector][id.Task]
	if ok && s.stale(known) {
		t.late[id] = true
		return nil
	}
	delete(t.late, id)
	if t.tasks[id.Connector] == nil {
		t.tasks[id.Connector] = map[int]Status{}
	}
	t.tasks[id.Connector][id.Task] = s
	return nil
}

func (t *table) applyTopic(name string, value []byte) error {
	connector, topic, err := parseTopic(name)
	if err != nil {
		return err
	}
	if value == nil {
		delete(t.topics[connector], topic)
		return nil
	}
	status, err := decodeTopic(connector, topic, value)
	if err != nil {
		return err
	}
	if t.topics[connector] == nil {
		t.topics[connector] = map[string]Topic{}
	}
	t.topics[connector][topic] = status
	return nil
}
