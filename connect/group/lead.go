package group

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/group/internal/assign"
	"github.com/suiro/suiro/connect/group/internal/wire"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// led is a round that this member leads.
type led struct {
	history assign.History // to keep once the others have their answers
	peers   []Peer
	answers []kmsg.SyncGroupRequestGroupAssignment
}

// lead assigns all work to the members of a round.
func (m *Member) lead(ctx context.Context, joined *kmsg.JoinGroupResponse, p Protocol) *led {
	members := m.members(joined)
	answer := wire.Assignment{Leader: joined.MemberID, LeaderURL: m.o.URL, Offset: -1} // -1 is an empty topic
	for _, said := range members {
		answer.Offset = max(answer.Offset, said.Offset)
	}
	state, ok := m.state(ctx, answer.Offset)
	if !ok {
		answer.Failed = true
		return m.answer(members, p, answer, assign.Result{}, m.history)
	}
	answer.Offset = state.Offset
	r := assign.Round{Now: time.Now(), MaxDelay: m.o.MaxDelay, Generation: joined.Generation, Last: m.last,
		Configured: configured(state), Held: map[string]work.Set{}}
	for id, said := range members {
		r.Held[id] = work.Set{}
		if said.Held != nil {
			r.Held[id] = said.Held.Assigned
		}
	}
	if p == Load {
		r.Loads, r.LoadPause = loads(members), m.o.LoadPause
	}
	if p == Eager {
		owned := assign.Eager(r.Configured, keys(members))
		return m.answer(members, p, answer, assign.Result{Assigned: owned, Owned: owned}, assign.History{})
	}
	result, history := m.history.Next(r)
	return m.answer(members, p, answer, result, history)
}

// loads is what the members say of how busy their tasks are.
func loads(members map[string]wire.Metadata) map[api.TaskID]int64 {
	all := map[api.TaskID]int64{}
	for _, said := range members {
		maps.Copy(all, said.Loads)
	}
	return all
}

// members is what each member says. One that says what cannot be read gets no
// work, and does not keep the others from theirs.
func (m *Member) members(joined *kmsg.JoinGroupResponse) map[string]wire.Metadata {
	out := make(map[string]wire.Metadata, len(joined.Members))
	for _, member := range joined.Members {
		said, err := wire.DecodeMetadata(member.ProtocolMetadata)
		if err != nil {
			m.o.Log.Warn("a member of the group is not a Connect worker: it gets no connectors and tasks",
				"group", m.o.Group, "member", member.MemberID, "cause", err)
			continue
		}
		out[member.MemberID] = said
	}
	return out
}

// state is the state of the cluster at the offset that a member knows, or a later
// one.
func (m *Member) state(ctx context.Context, offset int64) (State, bool) {
	limited, cancel := context.WithTimeout(ctx, m.o.SessionTimeout/2)
	defer cancel()
	s, err := m.o.State(limited)
	if err != nil {
		m.o.Log.Warn("the config topic cannot be read to its end: all workers of the group join again",
			"group", m.o.Group, "cause", err)
		return State{}, false
	}
	return s, s.Offset >= offset
}

func configured(s State) work.Set {
	out := work.Set{}
	for c, tasks := range s.Tasks {
		out[api.TaskID{Connector: c, Task: work.Connector}] = true
		for i := range tasks {
			out[api.TaskID{Connector: c, Task: i}] = true
		}
	}
	return out
}

// answer writes a result down for all members.
func (m *Member) answer(
	members map[string]wire.Metadata, p Protocol, common wire.Assignment, r assign.Result, next assign.History,
) *led {
	out := &led{history: next}
	common.Delay = millis(r.Delay)
	for _, id := range keys(members) {
		a := common
		a.Assigned, a.Revoked = r.Assigned[id], r.Revoked[id]
		answer := kmsg.NewSyncGroupRequestGroupAssignment()
		answer.MemberID, answer.MemberAssignment = id, wire.EncodeAssignment(a, versions[p])
		out.answers = append(out.answers, answer)
		out.peers = append(out.peers, Peer{MemberID: id, URL: members[id].URL, Owned: r.Owned[id].Work()})
	}
	return out
}

func keys(members map[string]wire.Metadata) []string {
	ids := make([]string, 0, len(members))
	for id := range members {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, strings.Compare)
	return ids
}
