package group

import (
	"slices"
	"time"

	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// Work is connectors and tasks, both sorted.
type Work = work.Work

// Assignment is the result of a rebalance for one worker.
type Assignment struct {
	// Protocol is the one that the group has settled on.
	Protocol Protocol
	// Generation is the number of the rebalance. It grows.
	Generation int32
	// MemberID is this worker in the group, and Leader the one that has assigned.
	MemberID, Leader string
	// LeaderURL is the address of the leader's REST API.
	LeaderURL string
	// ConfigOffset is up to where the config topic must be read before the work is
	// started.
	ConfigOffset int64
	// Failed means that the leader could not assign: read the config topic to its
	// end, and join again. What runs goes on.
	Failed bool
	// Owned is all work that is this worker's now: what it held less Revoked, and
	// what was added.
	Owned Work
	// Revoked is work that it held and has to stop.
	Revoked Work
	// Again means that the worker joins again once it has stopped that: the leader could
	// not assign, or gives to others then what it has revoked.
	Again bool
	// Delay is after which time to join again; 0 for never.
	Delay time.Duration
	// Peers are all members and what they own, by member id, this one included. Only
	// the leader has them.
	Peers []Peer
}

// Peer is a member of the group as the leader sees it.
type Peer struct {
	// MemberID names it in the group.
	MemberID string
	// URL is the address of its REST API.
	URL string
	// Owned is what it works on after the rebalance.
	Owned Work
}

// IsLeader reports whether this worker is the leader.
func (a Assignment) IsLeader() bool { return a.MemberID != "" && a.MemberID == a.Leader }

// Owner returns the URL of the worker that runs a connector. Only the leader
// knows; elsewhere, and when nobody runs it, ok is false.
func (a Assignment) Owner(connector string) (url string, ok bool) {
	return a.owner(func(w Work) bool { return slices.Contains(w.Connectors, connector) })
}

// TaskOwner returns the URL of the worker that runs a task, as [Assignment.Owner].
func (a Assignment) TaskOwner(id api.TaskID) (url string, ok bool) {
	return a.owner(func(w Work) bool { return slices.Contains(w.Tasks, id) })
}

func (a Assignment) owner(has func(Work) bool) (string, bool) {
	for _, p := range a.Peers {
		if has(p.Owned) {
			return p.URL, true
		}
	}
	return "", false
}

// Standing is what a [Member] is to its group.
//
//	Out ──Join──▶ Stable ──▶ Rebalancing ──Join──▶ Stable
//	                  └──▶ Expelled ──Join──▶ Stable
type Standing int

// The standings.
const (
	// Out means that it has not joined, or has left.
	Out Standing = iota
	// Stable means that the last assignment holds.
	Stable
	// Rebalancing means that another worker has come or gone, or asks for a
	// rebalance: join again within the rebalance time-out. What runs goes on.
	Rebalancing
	// Expelled means that the group does not count the worker any more, or that it
	// cannot reach the group: stop all work at once, and join again.
	Expelled
)

// String is the name of the standing in lowercase.
func (s Standing) String() string {
	return [...]string{"out", "stable", "rebalancing", "expelled"}[s]
}
