package configs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/backing/internal/javajson"
	"github.com/suiro/suiro/connect/herder/api"
)

// What the keys of records begin with.
const (
	connectorPrefix = "connector-"
	taskPrefix      = "task-"
	commitPrefix    = "commit-"
	targetPrefix    = "target-state-"
	restartPrefix   = "restart-connector-"
	fencingPrefix   = "tasks-fencing-"
	sessionKeyKey   = "session-key"
	loggerPrefix    = "logger-cluster-"
)

// maxTasks is the greatest number of tasks that a record may speak of. Whoever fences
// or counts them does so one by one.
const maxTasks = 1 << 20

// record is a key and its value as JSON; nil is a tombstone.
type record struct {
	key   string
	value []byte
}

// encoded is a record whose value is v.
func encoded(key string, v any) (record, error) {
	text, err := javajson.Marshal(v)
	if err != nil {
		return record{}, fmt.Errorf("write the value of %s as JSON: %w", key, err)
	}
	return record{key, text}, nil
}

// The values of records, with their fields in the order in which Kafka Connect writes
// them.
type (
	properties struct {
		Properties map[string]string `json:"properties"`
	}
	commit struct {
		Tasks int `json:"tasks"`
	}
	target struct {
		State   TargetState `json:"state"`
		StateV2 TargetState `json:"state.v2"`
	}
	restart struct {
		IncludeTasks bool `json:"include-tasks"`
		OnlyFailed   bool `json:"only-failed"`
	}
	fencing struct {
		TaskCount int `json:"task-count"`
	}
	sessionKey struct {
		Key       []byte `json:"key"`
		Algorithm string `json:"algorithm"`
		Created   int64  `json:"creation-timestamp"`
	}
	logger struct {
		Level string `json:"level"`
	}
)

// targetOf is the value for a target state. Workers that do not know STOPPED take it
// for PAUSED.
func targetOf(t TargetState) target {
	if t == Stopped {
		return target{Paused, Stopped}
	}
	return target{t, t}
}

func taskKey(connector string, n int) string { return taskPrefix + connector + "-" + strconv.Itoa(n) }

// taskID is the task that a name and a number, joined by a hyphen, stand for.
func taskID(text string) (api.TaskID, error) {
	i := strings.LastIndexByte(text, '-')
	if i < 0 {
		return api.TaskID{}, errors.New("its key has no number of a task")
	}
	n, err := strconv.ParseInt(text[i+1:], 10, 32)
	if err != nil || n < 0 {
		return api.TaskID{}, errors.New("its key has no number of a task")
	}
	return api.TaskID{Connector: text[:i], Task: int(n)}, nil
}

// fields are those of a JSON object. Other than with a struct, their names are compared
// letter by letter.
type fields map[string]json.RawMessage

func decodeFields(text []byte) (fields, error) {
	var f fields
	if err := json.Unmarshal(text, &f); err != nil || f == nil {
		return nil, errors.New("its value is not a JSON object")
	}
	return f, nil
}

// take decodes a field that must be there. The error shows nothing of its value.
func (f fields) take(name string, into any) error {
	raw, ok := f[name]
	if !ok || string(raw) == "null" {
		return fmt.Errorf("its field %q is missing", name)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("its field %q has a value of another kind than Kafka Connect writes", name)
	}
	return nil
}

// count decodes a number of tasks.
func (f fields) count(name string) (int, error) {
	var n int64
	if err := f.take(name, &n); err != nil {
		return 0, err
	}
	if n < 0 || n > maxTasks {
		return 0, fmt.Errorf("its field %q is %d, which is not from 0 to %d", name, n, maxTasks)
	}
	return int(n), nil
}

// properties decodes a configuration. A key whose value is null is one that is not set,
// numbers and booleans are taken for their text.
func (f fields) properties() (map[string]string, error) {
	var raw map[string]json.RawMessage
	if err := f.take("properties", &raw); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(raw))
	for key, value := range raw {
		switch value[0] {
		case 'n':
		case '{', '[':
			return nil, fmt.Errorf("its property %.100q is an object or a list", key)
		case '"':
			var text string
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, err
			}
			out[key] = text
		default:
			out[key] = string(value)
		}
	}
	return out, nil
}

// target decodes a target state, from the newer field if it has one.
func (f fields) target() (TargetState, error) {
	var state string
	if f.take("state.v2", &state) != nil {
		if err := f.take("state", &state); err != nil {
			return "", err
		}
	}
	if t := TargetState(state); t.known() {
		return t, nil
	}
	return "", fmt.Errorf("its state %.100q is not one of STARTED, PAUSED, STOPPED", state)
}

// flag decodes a field that is false when it is missing or something else.
func (f fields) flag(name string) bool {
	var b bool
	return f.take(name, &b) == nil && b
}
