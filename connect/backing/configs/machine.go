package configs

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/suiro/suiro/connect/herder/api"
)

// machine makes a State of the records of a log, in their order, by Kafka Connect's
// rules.
type machine struct {
	mu       sync.Mutex // guards the rest
	state    State
	deferred map[string]map[api.TaskID]map[string]string // by connector, until their commit
	shared   *State                                      // what Snapshot returned, until something changes
}

func newMachine() *machine {
	return &machine{state: newState(), deferred: map[string]map[api.TaskID]map[string]string{}}
}

// snapshot returns the state as it is now.
func (m *machine) snapshot() *State {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shared == nil {
		m.shared = m.state.clone()
	}
	return m.shared
}

// apply takes a record over and returns what it changed, a zero Update if it is nothing
// that others must act on. The error says why the record is left alone.
func (m *machine) apply(offset int64, r record) (Update, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.value != nil && !json.Valid(r.value) {
		return Update{}, errors.New("its value is not JSON") // Kafka Connect does not count it either
	}
	m.shared = nil
	m.state.Offset = offset + 1
	if string(r.value) == "null" {
		r.value = nil
	}
	for _, kind := range kinds {
		if name, ok := strings.CutPrefix(r.key, kind.prefix); ok && (kind.prefix != sessionKeyKey || name == "") {
			return m.take(kind, name, r.value)
		}
	}
	return Update{}, errors.New("its key is none that Kafka Connect writes")
}

// kind is what the key of a record may begin with.
type kind struct {
	prefix string
	// take takes the fields of a value over; name is the rest of the key.
	take func(m *machine, name string, f fields) (Update, error)
	// remove does what a tombstone asks for; nil when there is to be none.
	remove func(m *machine, name string) Update
}

var kinds = []kind{
	{targetPrefix, (*machine).takeTarget, (*machine).removeTarget},
	{connectorPrefix, (*machine).takeConnector, (*machine).removeConnector},
	{taskPrefix, (*machine).takeTask, nil},
	{commitPrefix, (*machine).takeCommit, nil},
	{restartPrefix, (*machine).takeRestart, nil},
	{fencingPrefix, (*machine).takeFencing, nil},
	{sessionKeyKey, (*machine).takeSessionKey, nil},
	{loggerPrefix, (*machine).takeLogger, nil},
}

func (m *machine) take(k kind, name string, value []byte) (Update, error) {
	if value == nil {
		if k.remove == nil {
			return Update{}, errors.New("it has no value")
		}
		return k.remove(m, name), nil
	}
	f, err := decodeFields(value)
	if err != nil {
		return Update{}, err
	}
	return k.take(m, name, f)
}

func (m *machine) takeTarget(name string, f fields) (Update, error) {
	t, err := f.target()
	if err != nil {
		return Update{}, err
	}
	before := m.state.Targets[name]
	m.state.Targets[name] = t
	if t == before || !m.state.Has(name) { // of a connector that is about to be created
		return Update{}, nil
	}
	return Update{Kind: TargetChanged, Connector: name}, nil
}

// removeTarget follows the removal of a connector, which says all.
func (m *machine) removeTarget(name string) Update {
	delete(m.state.Targets, name)
	if m.state.Has(name) {
		m.state.Targets[name] = Started
	}
	return Update{}
}

func (m *machine) takeConnector(name string, f fields) (Update, error) {
	config, err := f.properties()
	if err != nil {
		return Update{}, err
	}
	m.state.Connectors[name] = config
	if _, ok := m.state.Targets[name]; !ok {
		m.state.Targets[name] = Started
	}
	return Update{Kind: ConnectorChanged, Connector: name}, nil
}

func (m *machine) removeConnector(name string) Update {
	m.forget(name)
	return Update{Kind: ConnectorRemoved, Connector: name}
}

// forget drops a connector and its tasks. How many tasks were fenced stays, as their
// producers may be left over when a connector of the same name is made.
func (m *machine) forget(name string) {
	delete(m.state.Connectors, name)
	delete(m.state.TaskCounts, name)
	delete(m.state.Applied, name)
	delete(m.state.Inconsistent, name)
	delete(m.deferred, name)
	maps.DeleteFunc(m.state.Tasks, func(id api.TaskID, _ map[string]string) bool { return id.Connector == name })
}

func (m *machine) takeTask(name string, f fields) (Update, error) {
	id, err := taskID(name)
	if err != nil {
		return Update{}, err
	}
	config, err := f.properties()
	if err != nil {
		return Update{}, err
	}
	if m.deferred[id.Connector] == nil {
		m.deferred[id.Connector] = map[api.TaskID]map[string]string{}
	}
	m.deferred[id.Connector][id] = config
	return Update{}, nil
}

// takeCommit applies the configurations of tasks that wait for it. Whatever comes of
// it, the next commit needs all of its tasks again.
func (m *machine) takeCommit(name string, f fields) (Update, error) {
	if !m.state.Has(name) { // it was removed, and compaction has taken the traces of that
		m.forget(name)
		return Update{}, nil
	}
	n, err := f.count("tasks")
	if err != nil {
		return Update{}, err
	}
	deferred := m.deferred[name]
	delete(m.deferred, name)
	u := Update{Kind: TasksChanged, Connector: name}
	if complete(name, deferred, n) {
		u.Tasks = m.commit(name, deferred)
	} else {
		m.state.Inconsistent[name] = true
	}
	m.state.TaskCounts[name] = n
	m.state.PendingFencing[name] = true
	return u, nil
}

// complete reports whether all tasks of a commit are there. More may be, of an older
// commit of more tasks: compaction keeps their last ones.
func complete(connector string, deferred map[api.TaskID]map[string]string, n int) bool {
	for i := range n {
		if _, ok := deferred[api.TaskID{Connector: connector, Task: i}]; !ok {
			return false
		}
	}
	return true
}

func (m *machine) commit(name string, deferred map[api.TaskID]map[string]string) []api.TaskID {
	maps.Copy(m.state.Tasks, deferred)
	m.state.Generations[name]++
	delete(m.state.Inconsistent, name)
	m.state.Applied[name] = m.state.Connectors[name]
	return slices.SortedFunc(maps.Keys(deferred), func(a, b api.TaskID) int { return a.Task - b.Task })
}

func (m *machine) takeRestart(name string, f fields) (Update, error) {
	return Update{Kind: RestartRequested, Connector: name,
		Restart: RestartRequest{name, f.flag("include-tasks"), f.flag("only-failed")}}, nil
}

func (m *machine) takeFencing(name string, f fields) (Update, error) {
	n, err := f.count("task-count")
	if err != nil {
		return Update{}, err
	}
	m.state.FencedTasks[name] = n
	delete(m.state.PendingFencing, name)
	return Update{Kind: TasksFenced, Connector: name}, nil
}

func (m *machine) takeSessionKey(_ string, f fields) (Update, error) {
	var k SessionKey
	err := errors.Join(f.take("key", &k.Key), f.take("algorithm", &k.Algorithm), f.take("creation-timestamp", &k.Created))
	if err == nil && len(k.Key) == 0 {
		err = errors.New("its key is empty")
	}
	if err != nil {
		return Update{}, err
	}
	m.state.SessionKey = &k
	return Update{Kind: SessionKeyChanged}, nil
}

func (m *machine) takeLogger(name string, f fields) (Update, error) {
	u := Update{Kind: LoggerChanged, Logger: name}
	if err := f.take("level", &u.Level); err != nil {
		return Update{}, err
	}
	return u, nil
}
