package main

import (
	"net"
	"sync"
)

// gate is the door to the embedded Kafka: shut, it breaks all connections and
// refuses new ones, as brokers do that went away.
type gate struct {
	mu    sync.Mutex // guards the rest
	shut  bool
	conns map[net.Conn]bool
}

func newGate() *gate { return &gate{conns: map[net.Conn]bool{}} }

// listen is net.Listen for a listener behind the gate.
func (g *gate) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return &gateListener{l, g}, nil
}

// set shuts or opens the gate.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if !shut {
		return
	}
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

// pass reports whether a new connection may be used.
func (g *gate) pass(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.conns[c] = true
	}
	return !g.shut
}

func (g *gate) forget(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

type gateListener struct {
	net.Listener
	gate *gate
}

// Accept implements net.Listener.
func (l *gateListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.gate.pass(c) {
			return &gateConn{c, l.gate}, nil
		}
		c.Close()
	}
}

type gateConn struct {
	net.Conn
	gate *gate
}

// Close implements net.Conn.
func (c *gateConn) Close() error {
	c.gate.forget(c.Conn)
	return c.Conn.Close()
}
