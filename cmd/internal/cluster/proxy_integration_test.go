//go:build integration

package cluster_test

import (
	"net"
	"sync"
	"testing"
)

// proxy stands between one worker and the broker. While it is cut, nothing passes, and
// nobody is told: what was sent is kept, as a network does that loses every packet.
type proxy struct {
	listener net.Listener
	to       string
	wg       sync.WaitGroup

	mu   sync.Mutex // guards the rest
	open *sync.Cond
	cut  bool
	done bool
	all  []net.Conn
}

// newProxy makes the way to a broker, which must say that it is at the proxy's address.
func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: to}
	p.open = sync.NewCond(&p.mu)
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// set cuts the way, or opens it again.
func (p *proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	p.open.Broadcast()
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.done = true
	for _, c := range p.all {
		_ = c.Close()
	}
	p.open.Broadcast()
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil { // the broker is away
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.all = append(p.all, in, out)
		p.mu.Unlock()
		p.wg.Go(func() { p.pass(out, in) })
		p.wg.Go(func() { p.pass(in, out) })
	}
}

// pass passes bytes on while the way is open.
func (p *proxy) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		p.mu.Lock()
		for p.cut && !p.done {
			p.open.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil { // the other side has ended, or the proxy is closed
			return
		}
	}
}
