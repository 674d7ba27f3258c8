package group

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/group/internal/wire"
	"github.com/suiro/suiro/connect/herder/api"
)

// Protocol is a way to rebalance, and with it a version of what workers say to
// each other. A greater one is preferred.
type Protocol int16

// The protocols. A worker offers its own and all that are smaller.
const (
	// Eager stops all work in each rebalance.
	Eager Protocol = iota
	// Compatible stops only what moves.
	Compatible
	// Sessioned is Compatible, and requests between workers are signed with the
	// session key of the cluster.
	Sessioned
	// Load is Sessioned, and the leader divides tasks by how busy they are. Kafka
	// Connect does not know it: a group with one of its workers has Sessioned.
	Load
)

// The names of the protocols: in connect.protocol, which is without the last one, and in
// Kafka's group.
var (
	configNames = [...]string{"eager", "compatible", "sessioned", "load"}
	groupNames  = [...]string{"default", "compatible", "sessioned", "suiro-load"}
	versions    = [...]int16{wire.V0, wire.V1, wire.V2, wire.VLoad}
)

// Signed reports whether requests between workers are signed.
func (p Protocol) Signed() bool { return p >= Sessioned }

// ParseProtocol reads a value of connect.protocol: eager, compatible or sessioned,
// in any case.
func ParseProtocol(s string) (Protocol, error) {
	for i, name := range configNames[:Load] {
		if strings.EqualFold(s, name) {
			return Protocol(i), nil
		}
	}
	return 0, fmt.Errorf("connect.protocol %.100q is not one of %s", s, strings.Join(configNames[:Load], ", "))
}

// String is the name in connect.protocol, or load.
func (p Protocol) String() string {
	if p < Eager || p > Load {
		return fmt.Sprintf("protocol %d", int16(p))
	}
	return configNames[p]
}

// State is what a leader divides: the connectors and tasks of the cluster.
type State struct {
	// Offset is up to where the config topic was read for it.
	Offset int64
	// Tasks has the number of tasks of each connector, by its name: 0 for one that
	// has none yet, or is stopped.
	Tasks map[string]int
}

// Options are what a [Member] needs.
type Options struct {
	// Group is the group.id of the cluster. Required.
	Group string
	// URL is the address of this worker's REST API as the others reach it.
	// Required.
	URL string
	// State returns the connectors and tasks with the config topic read to its end.
	// It is called by Join of the member that is the leader, within half a session
	// time-out; after an error, and when others have read more, all workers join
	// again. Required.
	State func(context.Context) (State, error)
	// Protocol is the best protocol to offer. The zero value is [Eager]; Kafka
	// Connect's default is [Sessioned].
	Protocol Protocol
	// SessionTimeout is after which time without a heartbeat a worker is expelled.
	// Default 10 s.
	SessionTimeout time.Duration
	// Heartbeat is the time between heartbeats. Default 3 s.
	Heartbeat time.Duration
	// RebalanceTimeout is how long the group waits for a worker to join again.
	// Default 1 min.
	RebalanceTimeout time.Duration
	// MaxDelay is how long the work of a worker that has left waits for it:
	// scheduled.rebalance.max.delay.ms. 0 gives it to others at once. That of the
	// leader counts.
	MaxDelay time.Duration
	// Loads says how busy the tasks of this worker are, in records a second, as measured
	// since it was called last. It is called by Join. Required with [Load].
	Loads func() map[api.TaskID]int64
	// LoadPause is the time between two rounds in which tasks move for their loads alone
	// while no worker comes or goes. Default 5 min. That of the leader counts.
	LoadPause time.Duration
	// Log gets what a person may want to act on. Default: nothing is logged.
	Log *slog.Logger
}

// withDefaults fills in what is missing.
func (o Options) withDefaults() Options {
	if o.SessionTimeout <= 0 {
		o.SessionTimeout = 10 * time.Second
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 3 * time.Second
	}
	if o.RebalanceTimeout <= 0 {
		o.RebalanceTimeout = time.Minute
	}
	if o.LoadPause <= 0 {
		o.LoadPause = 5 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
