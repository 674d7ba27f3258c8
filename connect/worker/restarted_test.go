package worker_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// A broker that is restarted just after the worker has found it is waited for.
func TestStartWaitsForABrokerThatIsStartedAgain(t *testing.T) {
	k := startKafka(t, 1)
	front := &restarting{t: t, to: k.addr()}
	startWorker(t, front.listen("127.0.0.1:0"), (&sink{}).plugin(), nil)
	if !front.refused.Load() {
		t.Error("the broker refused no connection")
	}
}

// restarting is a way to a broker that takes one connection, and no other for half a second.
type restarting struct {
	t       *testing.T
	to      string
	refused atomic.Bool
}

// listen takes connections at an address, and returns it.
func (r *restarting) listen(at string) (addr string) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		r.t.Error(err)
		return ""
	}
	addr = l.Addr().String()
	r.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.pass(c)
			if r.refused.CompareAndSwap(false, true) {
				_ = l.Close()
				time.AfterFunc(500*time.Millisecond, func() { r.listen(addr) })
			}
		}
	}()
	return addr
}

// pass passes a connection on.
func (r *restarting) pass(c net.Conn) {
	defer c.Close()
	to, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer to.Close()
	go func() { _, _ = io.Copy(to, c) }()
	_, _ = io.Copy(c, to)
}
