package statuses

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/backing/internal/javajson"
	"github.com/suiro/suiro/connect/herder/api"
)

// What keys begin with, and what is between topic and connector.
const (
	connectorPrefix = "status-connector-"
	taskPrefix      = "status-task-"
	topicPrefix     = "status-topic-"
	topicSeparator  = ":connector-"
)

func taskKey(id api.TaskID) string { return taskPrefix + id.String() }
func topicKey(connector, topic string) string {
	return topicPrefix + topic + topicSeparator + connector
}

// value is a status as Kafka Connect writes it, with its order of fields.
type value struct {
	State      *string `json:"state"`
	Trace      *string `json:"trace"`
	WorkerID   *string `json:"worker_id"`
	Generation *int32  `json:"generation"`
	Version    *string `json:"version"`
}

type topicValue struct {
	Topic topicFields `json:"topic"`
}

type topicFields struct {
	Name      string `json:"name"`
	Connector string `json:"connector"`
	Task      int32  `json:"task"`
	Discover  int64  `json:"discoverTimestamp"`
}

func encode(s Status) ([]byte, error) {
	state := string(s.State)
	return javajson.Marshal(value{&state, orNull(s.Trace), &s.WorkerID, &s.Generation, orNull(s.Version)})
}

// orNull is null for an empty text.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// states are those that Kafka Connect writes.
var states = []api.State{api.Unassigned, api.Running, api.Paused, api.Failed, api.Restarting, api.Stopped}

func decode(text []byte) (Status, error) {
	var v value
	if err := json.Unmarshal(text, &v); err != nil {
		return Status{}, fmt.Errorf("its value is not a status: %w", err)
	}
	if v.State == nil || v.WorkerID == nil || v.Generation == nil {
		return Status{}, errors.New("its value is not a status: state, worker_id or generation is missing")
	}
	s := Status{api.State(*v.State), orEmpty(v.Trace), *v.WorkerID, *v.Generation, orEmpty(v.Version)}
	if !slices.Contains(states, s.State) {
		return Status{}, fmt.Errorf("its state %.100q is not one that Kafka Connect has", s.State)
	}
	return s, nil
}

func encodeTopic(t Topic) ([]byte, error) {
	return javajson.Marshal(topicValue{topicFields{t.Name, t.Connector, int32(t.Task), t.Discovered.UnixMilli()}})
}

// decodeTopic reads the value of the key of a connector and a topic, which count.
func decodeTopic(connector, topic string, text []byte) (Topic, error) {
	var v struct {
		Topic *topicFields `json:"topic"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return Topic{}, fmt.Errorf("its value is not a topic: %w", err)
	}
	if v.Topic == nil {
		return Topic{}, errors.New("its value is not a topic")
	}
	return Topic{topic, connector, int(v.Topic.Task), time.UnixMilli(v.Topic.Discover)}, nil
}

// parseTask is the task that a name and a number, joined by a hyphen, stand for.
func parseTask(text string) (api.TaskID, error) {
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

// parseTopic is the connector and the topic of a key without its prefix.
func parseTopic(text string) (connector, topic string, err error) {
	topic, connector, ok := strings.Cut(text, topicSeparator)
	if !ok || topic == "" || connector == "" {
		return "", "", errors.New("its key has no topic and connector")
	}
	return connector, topic, nil
}
