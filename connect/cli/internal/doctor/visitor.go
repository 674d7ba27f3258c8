package doctor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
)

// visitor asks the brokers as one of the clients that the worker or a connector would open,
// whose user has rights of its own.
type visitor struct {
	who string // whose client it is
	cl  *kgo.Client
	adm *kadm.Client
}

// visit opens a client. From version 6 on, descriptions of groups that do not exist yet say
// nothing about rights (KIP-1043), so that an older one is asked for.
func visit(who string, c *plan.Client) (*visitor, error) {
	opts, err := c.Options()
	if err != nil {
		return nil, err
	}
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.DescribeGroups), 5)
	cl, err := kgo.NewClient(append(opts, kgo.MaxVersions(versions), kgo.RequestRetries(1))...)
	if err != nil {
		return nil, fmt.Errorf("configure the kafka client: %w", err)
	}
	return &visitor{who, cl, kadm.NewClient(cl)}, nil
}

func (v *visitor) close() { v.cl.Close() }

// topic describes a topic with what the user may do with it, and makes none. The error is
// one of Kafka's for a topic that does not exist or that the user may not see.
func (v *visitor) topic(ctx context.Context, name string) (*kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &name
	req.Topics, req.IncludeTopicAuthorizedOperations = append(req.Topics, t), true
	resp, err := req.RequestWith(ctx, v.cl)
	if err != nil {
		return nil, err
	}
	if len(resp.Topics) != 1 {
		return nil, fmt.Errorf("the answer has %d topics", len(resp.Topics))
	}
	return &resp.Topics[0], kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}

// missing reports whether a topic does not exist.
func missing(err error) bool { return errors.Is(err, kerr.UnknownTopicOrPartition) }

// denied reports whether an error is about rights.
func denied(err error) bool {
	for _, e := range []error{kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed,
		kerr.GroupAuthorizationFailed,
		kerr.TransactionalIDAuthorizationFailed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// operation is what an ACL allows.
type operation struct {
	name string
	bit  kmsg.ACLOperation
}

// The operations that are asked for. Their numbers are the bits of KIP-430.
var (
	opRead     = operation{"Read", kmsg.ACLOperationRead}
	opWrite    = operation{"Write", kmsg.ACLOperationWrite}
	opDescribe = operation{"Describe", kmsg.ACLOperationDescribe}
)

// lacks names the operations that are not allowed. known is false when the brokers do not
// say it.
func lacks(allowed int32, needed ...operation) (names []string, known bool) {
	if allowed == math.MinInt32 {
		return nil, false
	}
	for _, o := range needed {
		if allowed&(1<<o.bit) == 0 {
			names = append(names, o.name)
		}
	}
	return names, true
}

// noteRights says which of the operations the user may not do.
func (v *visitor) noteRights(f *finding, allowed int32, on string, needed ...operation) {
	names, known := lacks(allowed, needed...)
	switch {
	case !known:
		f.note(skipped, "the brokers do not say what the user of "+v.who+" may do", "")
	case len(names) > 0:
		f.note(failed, fmt.Sprintf("the user of %s may not %s", v.who, strings.Join(names, ", ")),
			fmt.Sprintf("give that user the ACL %s on the %s", strings.Join(names, ", "), on))
	}
}

// defaults are settings of the brokers; nil when they may not be seen.
type defaults map[string]string

func (d defaults) number(key string) (n int64, known bool) {
	n, err := strconv.ParseInt(d[key], 10, 64)
	return n, err == nil
}

// brokerDefaults asks a broker that answers for its settings.
func (v *visitor) brokerDefaults(ctx context.Context, brokers []kafka.Answer) defaults {
	for _, b := range brokers {
		if b.Err != nil {
			continue
		}
		configs, err := v.adm.DescribeBrokerConfigs(ctx, b.Node)
		if err != nil || len(configs) != 1 || configs[0].Err != nil {
			return nil
		}
		out := defaults{}
		for _, c := range configs[0].Configs {
			if c.Value != nil {
				out[c.Key] = *c.Value
			}
		}
		return out
	}
	return nil
}
