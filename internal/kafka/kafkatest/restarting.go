package kafkatest

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Restarting is a cluster of one broker that is restarted once: with a certain request it closes
// its connections and takes no new ones, and it comes back a moment later.
type Restarting struct {
	*kfake.Cluster

	mu       sync.Mutex // guards the rest
	listener *frail
	requests []string
}

// StartRestarting starts a broker that goes away with the request of a number, from 1, for some
// time. Its listener is closed meanwhile, as that of a broker is that has stopped.
func StartRestarting(t testing.TB, with int, away time.Duration, opts ...kfake.Opt) *Restarting {
	t.Helper()
	r := &Restarting{}
	listen := func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		r.listener = &frail{Listener: l, addr: l.Addr(), away: away, done: make(chan struct{}), conns: map[net.Conn]bool{}}
		return r.listener, nil
	}
	r.Cluster = Start(t, append(opts, kfake.NumBrokers(1), kfake.ListenFn(listen))...)
	r.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		r.KeepControl()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests = append(r.requests, kmsg.Key(req.Key()).Name())
		if len(r.requests) == with {
			r.listener.restart()
			return nil, errors.New("the broker is restarted"), true
		}
		return nil, nil, false
	})
	return r
}

// EachRestart calls start with the address of a broker that is restarted with its first request,
// then with that of one that is restarted with its second, and so on until start needs no more
// requests. Each is a test of its own, and they share nothing.
func EachRestart(t *testing.T, start func(t *testing.T, addr string), opts ...kfake.Opt) {
	t.Helper()
	for with, more := 1, true; more && !t.Failed(); with++ {
		t.Run(strconv.Itoa(with), func(t *testing.T) {
			r := StartRestarting(t, with, briefly, opts...)
			start(t, r.ListenAddrs()[0])
			requests := r.Requests()
			more = len(requests) >= with
			if t.Failed() && more {
				t.Logf("the broker was restarted with request %d, %s", with, requests[with-1])
			}
		})
	}
}

// briefly is how long a broker is away: longer than clients need for their first attempts.
const briefly = 400 * time.Millisecond

// Requests returns the names of the requests so far.
func (r *Restarting) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.requests...)
}

// frail is a listener that can be closed for a while, with its connections.
type frail struct {
	addr net.Addr
	away time.Duration
	done chan struct{} // closed with the listener

	mu sync.Mutex // guards the rest
	net.Listener
	conns     map[net.Conn]bool
	restarted bool
}

// Accept implements net.Listener.
func (l *frail) Accept() (net.Conn, error) {
	for {
		l.mu.Lock()
		inner, restarted := l.Listener, l.restarted
		l.mu.Unlock()
		c, err := inner.Accept()
		l.mu.Lock()
		switch {
		case err == nil:
			l.conns[c] = true
			l.mu.Unlock()
			return c, nil
		case restarted || l.isClosed():
			l.mu.Unlock()
			return nil, err
		}
		l.mu.Unlock()
		select {
		case <-time.After(l.away):
		case <-l.done:
		}
		if err := l.listen(); err != nil {
			return nil, err
		}
	}
}

func (l *frail) listen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	again, err := net.Listen(l.addr.Network(), l.addr.String())
	if err != nil {
		return err
	}
	if l.isClosed() {
		return errors.Join(net.ErrClosed, again.Close())
	}
	l.Listener, l.restarted = again, true
	return nil
}

func (l *frail) isClosed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

func (l *frail) restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.Listener.Close()
	for c := range l.conns {
		_ = c.Close()
	}
}

// Close implements net.Listener.
func (l *frail) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isClosed() {
		close(l.done)
	}
	return l.Listener.Close()
}

// Addr implements net.Listener.
func (l *frail) Addr() net.Addr { return l.addr }
