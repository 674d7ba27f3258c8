package kafka

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Answer is what one broker has said to a [Survey].
type Answer struct {
	// Node is the broker's id; -1 for a bootstrap server.
	Node int32
	// Address is where it was asked, as host:port.
	Address string
	// Release is the newest release of Kafka whose requests it takes, such as v4.1.
	Release string
	// Took is how long the answer took, with the connection and the login.
	Took time.Duration
	// Err says why there was no answer, and which key to check.
	Err error
}

// Surveyed is what a [Survey] has found.
type Surveyed struct {
	// Protocol is how the client connects: its security.protocol and, with a login, the
	// mechanism of that.
	Protocol string
	// ClusterID is the id of the cluster, "" when no bootstrap server has answered.
	ClusterID string
	// Bootstrap are the bootstrap servers, in their order.
	Bootstrap []Answer
	// Brokers are all brokers of the cluster by id, asked at the addresses that they
	// advertise.
	Brokers []Answer
}

// Survey asks each bootstrap server of a client and each broker of its cluster, unlike
// [Check], which is content with one. All are asked at the same time.
func Survey(ctx context.Context, cl *kgo.Client) Surveyed {
	c := checkerOf(cl)
	addrs, _ := cl.OptValue(kgo.SeedBrokers).([]string)
	seeds := cl.SeedBrokers()
	out := Surveyed{Protocol: c.protocol(), Bootstrap: make([]Answer, len(seeds))}
	if c.mechanism != "" {
		out.Protocol += " with " + c.mechanism
	}
	metas := make([]*kmsg.MetadataResponse, len(seeds))
	var asked sync.WaitGroup
	for i, seed := range seeds {
		asked.Go(func() {
			out.Bootstrap[i] = c.ask(ctx, seed, -1, addrs[min(i, len(addrs)-1)])
			if out.Bootstrap[i].Err == nil {
				metas[i], _ = metadataOf(ctx, seed) // it has just answered
			}
		})
	}
	asked.Wait()
	i := slices.IndexFunc(metas, func(m *kmsg.MetadataResponse) bool { return m != nil })
	if i < 0 {
		return out
	}
	if id := metas[i].ClusterID; id != nil {
		out.ClusterID = *id
	}
	out.Brokers = make([]Answer, len(metas[i].Brokers))
	for i, b := range metas[i].Brokers {
		asked.Go(func() {
			out.Brokers[i] = c.ask(ctx, cl.Broker(int(b.NodeID)), b.NodeID, net.JoinHostPort(b.Host, fmt.Sprint(b.Port)))
		})
	}
	asked.Wait()
	slices.SortFunc(out.Brokers, func(a, b Answer) int { return int(a.Node) - int(b.Node) })
	return out
}

// metadataOf asks a broker for the brokers of its cluster, and for no topics.
func metadataOf(ctx context.Context, b *kgo.Broker) (*kmsg.MetadataResponse, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	resp, err := request(ctx, b, req, 1)
	if err != nil {
		return nil, err
	}
	return resp.(*kmsg.MetadataResponse), nil
}

// ask asks a broker for the requests that it takes.
func (c checker) ask(ctx context.Context, b *kgo.Broker, node int32, address string) Answer {
	a := Answer{Node: node, Address: address}
	req := kmsg.NewPtrApiVersionsRequest()
	req.ClientSoftwareName, req.ClientSoftwareVersion = "suiro", "1" // brokers want some
	began := time.Now()
	resp, err := request(ctx, b, req, 1)
	a.Took = time.Since(began)
	if err != nil {
		a.Err = c.explain(err)
		if node >= 0 {
			a.Err = fmt.Errorf("%w (see the broker's advertised.listeners)", a.Err)
		}
		return a
	}
	guess := kversion.FromApiVersionsResponse(resp.(*kmsg.ApiVersionsResponse)).VersionGuess()
	a.Release = strings.TrimPrefix(guess, "at least ")
	return a
}
