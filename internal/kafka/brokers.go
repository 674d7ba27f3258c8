package kafka

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/internal/outage"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// How often the brokers are asked.
const (
	brokersTick     = time.Second     // between two looks at what the clients heard
	brokersSilence  = 5 * time.Second // after which brokers that were not heard are asked
	brokersPatience = 5 * time.Second // how long an answer may take
)

var errNoAnswer = errors.New("no broker has answered yet")

// Brokers knows whether the brokers of a cluster can be reached, from what the
// clients of the process hear of them. There is one for all the clients of an app
// or a worker, each made with [Brokers.Opt].
//
// It warns once of a login that goes over a network unencrypted.
//
// It logs one warning when no broker can be reached, a reminder each minute, and one
// line when one answers again; and the same for one broker of several. The clients'
// own lines about it are logged as debug, see [Logger]. Clients that have nothing to
// send would not notice, so a broker is asked when none was heard for five seconds.
//
// Its methods may be called from any goroutine. A nil Brokers watches nothing.
type Brokers struct {
	cluster outage.Outage
	peers   peers
	heard   atomic.Int64 // when a broker last answered, in Unix nanoseconds; 0: never
	doubt   atomic.Bool  // a connection was refused or lost since
	log     *slog.Logger
	warned  sync.Once // of a login that is not encrypted

	mu      sync.Mutex // guards the rest
	clients []watched
	since   time.Time // of the state that cluster has
	stop    context.CancelFunc
	done    chan struct{}
}

// watched is a client that is open.
type watched struct {
	cl     *kgo.Client
	opened time.Time
}

// NewBrokers returns a Brokers that logs to l. It watches while there is a client
// that was made with [Brokers.Opt].
func NewBrokers(l *slog.Logger) *Brokers {
	l = l.With("logger", "kafka")
	return &Brokers{since: time.Now(), log: l, peers: peers{log: l}, cluster: outage.Outage{Log: l,
		Away: "kafka cannot be reached, trying again", Back: "kafka can be reached again"}}
}

// Opt is the option for each client of the cluster.
func (b *Brokers) Opt() kgo.Opt {
	if b == nil {
		return kgo.WithHooks()
	}
	return kgo.WithHooks(&brokersHook{b})
}

// State reports whether a broker answered when one was last asked or heard, since
// when that is so, and if not, why. Before the first answer it is not reachable.
func (b *Brokers) State() (reachable bool, since time.Time, err error) {
	if b == nil {
		return true, time.Time{}, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if away, cause := b.cluster.State(); !away.IsZero() {
		return false, away, cause
	}
	if b.heard.Load() == 0 {
		return false, b.since, errNoAnswer
	}
	return true, b.since, nil
}

// opened begins to watch with the first client.
func (b *Brokers) opened(cl *kgo.Client) {
	if c := checkerOf(cl); c.mechanism != "" && !c.tls && !c.near {
		b.warned.Do(func() {
			b.log.Warn("the login at kafka is not encrypted, so that others on the network can learn the password: "+
				"set security.protocol to SASL_SSL", "sasl_mechanism", c.mechanism)
		})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clients = append(b.clients, watched{cl, time.Now()})
	if len(b.clients) > 1 {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.done = stop, make(chan struct{})
	go b.watch(ctx, b.done)
}

// closed ends watching with the last client.
func (b *Brokers) closed(cl *kgo.Client) {
	b.mu.Lock()
	b.clients = slices.DeleteFunc(b.clients, func(w watched) bool { return w.cl == cl })
	stop, done := b.stop, b.done
	last := len(b.clients) == 0
	b.mu.Unlock()
	if last {
		stop()
		<-done
	}
}

// answered notes that a broker answered.
func (b *Brokers) answered() {
	first := b.heard.Swap(time.Now().UnixNano()) == 0
	b.doubt.Store(false)
	away, _ := b.cluster.State()
	if !first && away.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since = time.Now()
	b.cluster.Over()
}

// watch asks a broker whenever the clients' own traffic does not tell.
func (b *Brokers) watch(ctx context.Context, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(brokersTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if b.doubt.Load() || time.Since(time.Unix(0, b.heard.Load())) > brokersSilence {
			b.ask(ctx)
		}
		if away, _ := b.cluster.State(); away.IsZero() {
			b.peers.ask(ctx, b.client())
		}
	}
}

// client returns the oldest client, nil without any. One that was just opened may
// not be ready yet, as the client's hook comes before it is.
func (b *Brokers) client() *kgo.Client {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.clients) == 0 || time.Since(b.clients[0].opened) < brokersTick {
		return nil
	}
	return b.clients[0].cl
}

// ask asks the brokers one after the other until one answers.
func (b *Brokers) ask(ctx context.Context) {
	cl := b.client()
	if cl == nil {
		return
	}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, brokersPatience)
	defer cancel()
	err := cl.Ping(limited)
	if err != nil { // perhaps only that an old connection was lost
		err = cl.Ping(limited)
	}
	switch {
	case err == nil:
		b.answered()
	case ctx.Err() != nil || errors.Is(err, kgo.ErrClientClosed):
	case b.heard.Load() >= began.UnixNano(): // another client got an answer
	default:
		if b.heard.Load() == 0 { // a wrong address, port or login, rather than an outage
			err = checkerOf(cl).explain(err)
		}
		addrs, _ := cl.OptValue(kgo.SeedBrokers).([]string)
		b.cluster.Failed(err, "brokers", strings.Join(addrs, ","))
	}
}

// brokersHook hears what a client hears.
type brokersHook struct{ b *Brokers }

var (
	_ kgo.HookNewClient     = (*brokersHook)(nil)
	_ kgo.HookClientClosed  = (*brokersHook)(nil)
	_ kgo.HookBrokerConnect = (*brokersHook)(nil)
	_ kgo.HookBrokerRead    = (*brokersHook)(nil)
)

func (h *brokersHook) OnNewClient(cl *kgo.Client)    { h.b.opened(cl) }
func (h *brokersHook) OnClientClosed(cl *kgo.Client) { h.b.closed(cl) }

func (h *brokersHook) OnBrokerConnect(m kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	switch {
	case err == nil:
		h.b.peers.answered(m.NodeID)
		h.b.answered()
	case !errors.Is(err, context.Canceled) && !errors.Is(err, kgo.ErrClientClosed):
		h.b.peers.failed(m)
		h.b.doubt.Store(true)
	}
}

func (h *brokersHook) OnBrokerRead(m kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, err error) {
	if err != nil {
		h.b.doubt.Store(true)
		return
	}
	switch kmsg.Key(key) {
	case kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate:
		return // the connection is not usable yet
	}
	h.b.answered()
}
