package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/connect/cli/internal/command"
)

// The types of groups.
const (
	consumers = "consumer"
	workers   = "connect"
)

var errNoCoordinator = errors.New("no broker coordinates it yet")

// elsewhere reports whether another broker has to be asked, as this one does not
// coordinate what it was asked about.
func elsewhere(err error) bool {
	return errors.Is(err, kerr.NotCoordinator) || errors.Is(err, kerr.CoordinatorNotAvailable) ||
		errors.Is(err, kerr.CoordinatorLoadInProgress)
}

// everyBroker asks one broker after the other until one answers for what it coordinates.
// To ask who coordinates it would make brokers create the topics in which they keep that.
func everyBroker(e *examination, ask func(node int) error) error {
	last := errNoCoordinator
	for _, b := range e.cluster.Brokers {
		if b.Err != nil {
			continue
		}
		err := ask(int(b.Node))
		if !elsewhere(err) {
			return err
		}
	}
	return last
}

// describeGroup describes a group with what the user may do with it.
func describeGroup(ctx context.Context, e *examination, v *visitor,
	name string) (g kmsg.DescribeGroupsResponseGroup, err error) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups, req.IncludeAuthorizedOperations = []string{name}, true
	err = everyBroker(e, func(node int) error {
		resp, err := v.cl.Broker(node).Request(ctx, req)
		if err != nil {
			return err
		}
		g = resp.(*kmsg.DescribeGroupsResponse).Groups[0]
		return kerr.ErrorForCode(g.ErrorCode)
	})
	return g, err
}

// ofGroup looks at a group.
func ofGroup(ctx context.Context, e *examination, v *visitor, name, kind string) (*finding,
	kmsg.DescribeGroupsResponseGroup) {
	f := about("group %s (%s)", name, v.who)
	g, err := describeGroup(ctx, e, v, name)
	switch {
	case denied(err):
		return f.note(failed, "the user of "+v.who+" may not Describe it",
			"give that user the ACL Read on the group "+name), g
	case errors.Is(err, errNoCoordinator):
		return f.note(ok, "it does not exist yet", "").note(skipped,
			"what the user of "+v.who+" may do is not known", ""), g
	case err != nil:
		return f.note(failed, "describe it: "+err.Error(), ""), g
	}
	f.note(ok, command.Amount(len(g.Members), "member"), "")
	if len(g.Members) > 0 && g.ProtocolType != kind {
		f.note(failed, fmt.Sprintf("its members are of the type %s and not %s", g.ProtocolType, kind),
			"choose another name for the group")
	}
	v.noteRights(f, g.AuthorizedOperations, "group "+name, opRead, opDescribe)
	return f, g
}

// ofTransactions finds out whether an id may be used for transactions, as far as that is
// possible without using it.
func ofTransactions(ctx context.Context, e *examination, v *visitor, id string) *finding {
	f := about("transactional id %s (%s)", id, v.who)
	req := kmsg.NewPtrDescribeTransactionsRequest()
	req.TransactionalIDs = []string{id}
	state := ""
	err := everyBroker(e, func(node int) error {
		resp, err := v.cl.Broker(node).Request(ctx, req)
		if err != nil {
			return err
		}
		t := resp.(*kmsg.DescribeTransactionsResponse).TransactionStates[0]
		state = t.State
		return kerr.ErrorForCode(t.ErrorCode)
	})
	switch {
	case denied(err):
		f.note(failed, "the user of "+v.who+" may not Describe it",
			"give that user the ACLs Describe and Write on the transactional id "+id+", or on what such ids begin with")
	case errors.Is(err, kerr.TransactionalIDNotFound) || errors.Is(err, errNoCoordinator):
		f.note(ok,
			"it may be described and is not in use; whether the user may Write with it is only seen when it does", "")
	case err != nil:
		f.note(failed, "describe it: "+err.Error(), "")
	default:
		f.note(ok, "it may be described, and its state is "+state, "")
	}
	return f
}
