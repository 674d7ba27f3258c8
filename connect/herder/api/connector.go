package api

import (
	"fmt"
	"strings"
)

// ConnectorType says on which side of Kafka a connector works.
type ConnectorType string

// The types of connectors.
const (
	// Source is a connector that writes to Kafka.
	Source ConnectorType = "source"
	// Sink is a connector that reads from Kafka.
	Sink ConnectorType = "sink"
	// Unknown is a connector whose class this worker does not have.
	Unknown ConnectorType = "unknown"
)

// ConnectorInfo is a connector's configuration and its tasks: the answer of
// GET /connectors/{c}.
type ConnectorInfo struct {
	// Name is the connector's name, unique in the cluster.
	Name string `json:"name"`
	// Config is the configuration as it was given, with the key "name" added.
	Config map[string]string `json:"config"`
	// Tasks are the tasks that the connector has now, by number. It is empty,
	// never null, for a connector that is paused from its creation, stopped or
	// could not be started.
	Tasks []TaskID `json:"tasks"`
	// Type is the type of the connector's class.
	Type ConnectorType `json:"type"`
	// OffsetsStatus says what became of the offsets that the connector was created with;
	// left out in any other answer.
	OffsetsStatus string `json:"offsets_status,omitempty"`
}

// CreateConnectorRequest is what creates a connector: the body of POST
// /connectors, and the content of a connector file in standalone mode.
type CreateConnectorRequest struct {
	// Name is the connector's name; required.
	Name string `json:"name"`
	// Config is the connector's configuration; required.
	Config Config `json:"config"`
	// InitialState is the state in which the connector begins. Empty is RUNNING.
	InitialState InitialState `json:"initial_state,omitempty"`
	// InitialOffsets are where the connector begins, instead of all offsets that are
	// kept for its name. Empty and not nil is an error. Not for connector files, which
	// are read at each start.
	InitialOffsets []ConnectorOffset `json:"initial_offsets,omitempty"`
}

// InitialState is the state in which a new connector begins.
type InitialState string

// The initial states.
const (
	// InitialRunning starts the connector and its tasks.
	InitialRunning InitialState = "RUNNING"
	// InitialPaused keeps the connector without tasks until it is resumed.
	InitialPaused InitialState = "PAUSED"
	// InitialStopped keeps the configuration alone until the connector is
	// resumed.
	InitialStopped InitialState = "STOPPED"
)

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes any case.
func (s *InitialState) UnmarshalText(text []byte) error {
	for _, known := range []InitialState{InitialRunning, InitialPaused, InitialStopped} {
		if strings.EqualFold(string(text), string(known)) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("initial state %q is not one of RUNNING, PAUSED, STOPPED", text)
}

// ExpandedConnector is one connector in the answer of GET /connectors with
// expand.
type ExpandedConnector struct {
	// Status is there with expand=status.
	Status *ConnectorStatus `json:"status,omitempty"`
	// Info is there with expand=info.
	Info *ConnectorInfo `json:"info,omitempty"`
}

// ActiveTopics are the topics that a connector has used since it was created or
// since they were last reset. GET /connectors/{c}/topics answers with one of
// them, by the connector's name.
type ActiveTopics struct {
	// Topics are the names, sorted; empty, never null, when there are none.
	Topics []string `json:"topics"`
}
