package servicetest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Proxy stands between a client and a service. While it is cut, nothing passes, and nobody
// is told: what was sent is kept, as a network does that loses every packet. Its methods
// may be called from any goroutine.
type Proxy struct {
	listener net.Listener
	to       string
	wg       sync.WaitGroup

	mu   sync.Mutex // guards the rest
	open *sync.Cond
	cut  bool
	done bool
	all  []net.Conn
}

// NewProxy makes the way to an address, which ends with the test. A broker must say to
// clients that it is at the proxy's address: see [OwnBehindProxy].
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, to: to}
	p.open = sync.NewCond(&p.mu)
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// OwnBehindProxy is Own with a proxy to the second listener of the broker, which is
// configured but not started.
func OwnBehindProxy(t testing.TB, env ...string) (*Services, *Proxy) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "kafka.properties")
	own := Own(t, append(env, "SUIRO_KAFKA_CONF="+conf)...)
	p := NewProxy(t, own.KafkaGuarded())
	text := fmt.Sprintf("listeners=PLAINTEXT://%s,GUARDED://%s\nadvertised.listeners=PLAINTEXT://%s,GUARDED://%s\n"+
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:PLAINTEXT\n",
		own.Kafka(), own.KafkaGuarded(), own.Kafka(), p.Address())
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return own, p
}

// Address is where clients connect to.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Cut cuts the way.
func (p *Proxy) Cut() { p.set(true) }

// Mend opens the way again.
func (p *Proxy) Mend() { p.set(false) }

func (p *Proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	p.open.Broadcast()
}

func (p *Proxy) close() {
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

func (p *Proxy) accept() {
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
func (p *Proxy) pass(to, from net.Conn) {
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
