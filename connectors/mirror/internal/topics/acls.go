package topics

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ACLs makes ACLs of mirrored topics those of their originals.
type ACLs struct {
	*Flow

	none bool // the source has none, which was logged
}

// Sync gives the mirrored topics the ACLs of their originals that name one topic, so that who may
// read there may read here. Nobody is allowed to write: only the mirror does.
func (a *ACLs) Sync(ctx context.Context) error {
	req := kmsg.NewPtrDescribeACLsRequest()
	req.ResourceType, req.ResourcePatternType = kmsg.ACLResourceTypeTopic, kmsg.ACLResourcePatternTypeAny
	req.Operation, req.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	resp, err := req.RequestWith(ctx, a.Source)
	if err == nil {
		err = refused(resp.ErrorCode, resp.ErrorMessage)
	}
	if errors.Is(err, kerr.SecurityDisabled) {
		if !a.none {
			a.Logger.Info("the source cluster has no ACLs to copy: sync.topic.acls.enabled=false spares asking for them")
		}
		a.none = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the ACLs of the source cluster: %w", err)
	}
	var all []kmsg.CreateACLsRequestCreation
	for _, r := range resp.Resources {
		copies, err := a.of(r)
		if err != nil {
			return err
		}
		all = append(all, copies...)
	}
	return a.create(ctx, all)
}

// of returns the ACLs of a mirrored topic.
func (a *ACLs) of(r kmsg.DescribeACLsResponseResource) (out []kmsg.CreateACLsRequestCreation, err error) {
	if r.ResourceType != kmsg.ACLResourceTypeTopic || r.ResourcePatternType != kmsg.ACLResourcePatternTypeLiteral {
		return nil, nil
	}
	if ok, err := a.Mirrors(r.ResourceName); !ok || err != nil {
		return nil, err
	}
	for _, theirs := range r.ACLs {
		allow := theirs.PermissionType == kmsg.ACLPermissionTypeAllow
		if allow && theirs.Operation == kmsg.ACLOperationWrite {
			continue
		}
		c := kmsg.NewCreateACLsRequestCreation()
		c.ResourceType, c.ResourceName = kmsg.ACLResourceTypeTopic, a.remote(r.ResourceName)
		c.ResourcePatternType, c.Principal, c.Host = kmsg.ACLResourcePatternTypeLiteral, theirs.Principal, theirs.Host
		c.Operation, c.PermissionType = theirs.Operation, theirs.PermissionType
		if allow && theirs.Operation == kmsg.ACLOperationAll {
			c.Operation = kmsg.ACLOperationRead
		}
		out = append(out, c)
	}
	return out, nil
}

// create makes ACLs; those that exist stay as they are. One that is refused is logged.
func (a *ACLs) create(ctx context.Context, all []kmsg.CreateACLsRequestCreation) error {
	if len(all) == 0 {
		return nil
	}
	req := kmsg.NewPtrCreateACLsRequest()
	req.Creations = all
	resp, err := req.RequestWith(ctx, a.Target)
	if err != nil {
		return fmt.Errorf("create the ACLs of mirrored topics: %w", err)
	}
	for i, r := range resp.Results {
		if err := refused(r.ErrorCode, r.ErrorMessage); err != nil && i < len(all) {
			a.Logger.Warn("an ACL of a mirrored topic cannot be created", "topic", all[i].ResourceName,
				"principal", all[i].Principal, "error", err)
		}
	}
	return nil
}
