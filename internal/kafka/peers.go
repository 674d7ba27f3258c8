package kafka

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/suiro/suiro/internal/outage"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// peers are the single brokers to which a connection was refused.
type peers struct {
	log *slog.Logger

	mu   sync.Mutex // guards the rest
	away map[int32]*peer
}

// peer is one broker.
type peer struct {
	addr string
	gone outage.Outage
}

// failed notes a refused connection. Whether the broker is away is decided when it
// is asked. The addresses of bootstrap.servers have negative ids and stand for
// brokers that have another id too.
func (p *peers) failed(m kgo.BrokerMetadata) {
	if m.NodeID < 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away[m.NodeID] != nil {
		return
	}
	if p.away == nil {
		p.away = map[int32]*peer{}
	}
	p.away[m.NodeID] = &peer{addr: net.JoinHostPort(m.Host, strconv.Itoa(int(m.Port))), gone: outage.Outage{Log: p.log,
		Away: "a kafka broker cannot be reached, but others can", Back: "the kafka broker can be reached again"}}
}

// answered notes a connection to the broker.
func (p *peers) answered(id int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if gone := p.away[id]; gone != nil {
		gone.gone.Over("broker", gone.addr)
		delete(p.away, id)
	}
}

// ask asks each broker that refused a connection and is still part of the cluster.
// One that is not may be down for good, so it is not reminded of.
func (p *peers) ask(ctx context.Context, cl *kgo.Client) {
	p.mu.Lock()
	ids := slices.Sorted(maps.Keys(p.away))
	p.mu.Unlock()
	if len(ids) == 0 || cl == nil {
		return
	}
	limited, cancel := context.WithTimeout(ctx, brokersPatience)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	cluster, err := req.RequestWith(limited, cl)
	if err != nil {
		return
	}
	for _, m := range cluster.Brokers {
		if slices.Contains(ids, m.NodeID) {
			p.askOne(ctx, cl, m.NodeID)
		}
	}
}

func (p *peers) askOne(ctx context.Context, cl *kgo.Client, id int32) {
	limited, cancel := context.WithTimeout(ctx, brokersPatience)
	defer cancel()
	_, err := cl.Broker(int(id)).Request(limited, kmsg.NewPtrApiVersionsRequest())
	if err == nil {
		p.answered(id)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if gone := p.away[id]; gone != nil && ctx.Err() == nil && !errors.Is(err, kgo.ErrClientClosed) {
		gone.gone.Failed(err, "broker", gone.addr)
	}
}
