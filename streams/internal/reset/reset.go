package reset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/streams/internal/admin"
)

// none is the offset of a partition without one.
const none = -1

// Options say what is set back.
type Options struct {
	// Group is the group of the app.
	Group string
	// Inputs are the topics that others write and the app reads.
	Inputs []string
	// Internal are the app's own topics, which are deleted. Those that do not exist are
	// left out.
	Internal []string
	// To is where the app begins to read its inputs. Default: the beginning.
	To Position
	// Force removes members from the group, such as those of a process that was killed
	// and whose session has not timed out. Default: members are an error.
	Force bool
	// DryRun changes nothing. Default: false.
	DryRun bool
}

// Move is the change of a committed offset.
type Move struct {
	// Topic and Partition name the partition.
	Topic     string
	Partition int32
	// From is the committed offset, -1 when there is none, and To the new one.
	From, To int64
}

// Report says what was done, or in a dry run what would be.
type Report struct {
	// Moves are the offsets, by topic and partition.
	Moves []Move
	// Deleted are the topics, in order.
	Deleted []string
	// Others are topics whose names begin and end as those of the app's internal topics
	// do and that it does not have; they stay.
	Others []string
}

// Run sets the app back. The error says which members the group still has, or what a
// broker refused; what was done before it stays done, and Run may be called again.
func Run(ctx context.Context, cl *kgo.Client, o Options) (*Report, error) {
	r := &run{Options: o, cl: cl, adm: kadm.NewClient(cl)}
	rep, err := r.plan(ctx)
	if err == nil && !o.DryRun {
		err = r.do(ctx, rep)
	}
	if err != nil {
		return nil, fmt.Errorf("reset %s: %w", o.Group, err)
	}
	return rep, nil
}

type run struct {
	Options
	cl  *kgo.Client
	adm *kadm.Client
}

func (r *run) plan(ctx context.Context) (*Report, error) {
	if err := r.empty(ctx); err != nil {
		return nil, err
	}
	topics, err := r.adm.ListTopics(ctx)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	for _, topic := range r.Inputs {
		if !topics.Has(topic) {
			return nil, fmt.Errorf("input topic %s does not exist: name the topics that the app reads", topic)
		}
	}
	committed, err := r.adm.FetchOffsets(ctx, r.Group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, fmt.Errorf("fetch committed offsets: %w", err)
	}
	rep := &Report{}
	if rep.Moves, err = r.To.moves(ctx, r.adm, r.Inputs, committed); err != nil {
		return nil, err
	}
	slices.SortFunc(rep.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	for _, topic := range topics.Names() {
		switch {
		case slices.Contains(r.Internal, topic):
			rep.Deleted = append(rep.Deleted, topic)
		case r.looksInternal(topic):
			rep.Others = append(rep.Others, topic)
		}
	}
	return rep, nil
}

// looksInternal reports whether a topic may be one that an earlier version of the app has
// made. It may also be that of an app whose application.id begins with this one's.
func (r *run) looksInternal(topic string) bool {
	return strings.HasPrefix(topic, r.Group+"-") && admin.LooksInternal(topic) && !slices.Contains(r.Inputs, topic)
}

// empty returns an error when the group has members that may not be removed.
func (r *run) empty(ctx context.Context) error {
	members, err := r.members(ctx)
	if err != nil || len(members) == 0 || r.Force {
		return err
	}
	var names []string
	for _, m := range members {
		name := m.MemberID
		if m.InstanceID != nil {
			name = *m.InstanceID
		}
		names = append(names, name+" at "+m.ClientHost)
	}
	return fmt.Errorf("the group has members: %s: stop all instances first; those of an instance that was killed leave "+
		"after session.timeout.ms, or at once with --force", strings.Join(names, ", "))
}

func (r *run) members(ctx context.Context) ([]kadm.DescribedGroupMember, error) {
	groups, err := r.adm.DescribeGroups(ctx, r.Group)
	if err == nil {
		err = groups[r.Group].Err
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe the group: %w", err)
	}
	return groups[r.Group].Members, nil
}

// do removes members, moves the offsets, and deletes topics last: an app that was set
// back only in part then does not go on with offsets that its state lacks.
func (r *run) do(ctx context.Context, rep *Report) error {
	if err := r.remove(ctx); err != nil {
		return err
	}
	to := kadm.Offsets{}
	for _, m := range rep.Moves {
		to.AddOffset(m.Topic, m.Partition, m.To, -1)
	}
	if len(to) > 0 {
		if err := r.adm.CommitAllOffsets(ctx, r.Group, to); err != nil {
			return fmt.Errorf("commit the new offsets: %w", err)
		}
	}
	if len(rep.Deleted) == 0 {
		return nil
	}
	deleted, err := r.adm.DeleteTopics(ctx, rep.Deleted...)
	if err != nil {
		return fmt.Errorf("delete internal topics: %w", err)
	}
	var errs []error
	for _, d := range deleted.Sorted() {
		if d.Err != nil && !errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
			errs = append(errs, fmt.Errorf("delete topic %s: %w", d.Topic, d.Err))
		}
	}
	return errors.Join(errs...)
}

// remove takes all members out of the group.
func (r *run) remove(ctx context.Context) error {
	members, err := r.members(ctx)
	if err != nil || len(members) == 0 {
		return err
	}
	if !r.Force {
		return r.empty(ctx) // one has joined meanwhile
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = r.Group
	for _, m := range members {
		out := kmsg.NewLeaveGroupRequestMember()
		out.MemberID, out.InstanceID = m.MemberID, m.InstanceID
		why := "the app is reset"
		out.Reason = &why
		req.Members = append(req.Members, out)
	}
	resp, err := req.RequestWith(ctx, r.cl)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("remove members from the group: %w", err)
	}
	for _, m := range resp.Members {
		if err := kerr.ErrorForCode(m.ErrorCode); err != nil && !errors.Is(err, kerr.UnknownMemberID) {
			return fmt.Errorf("remove member %s from the group: %w", m.MemberID, err)
		}
	}
	return nil
}
