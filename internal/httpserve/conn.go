package httpserve

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// conn is a connection that knows whether the server waits for its client.
type conn struct {
	net.Conn
	of *limitedListener

	// of.mu guards what follows.
	sent     bool      // the client has sent something
	waiting  time.Time // since when the server has waited for the client; zero while the server works
	serving  bool      // a handler has the request
	answerBy time.Time // when the answer must be written; zero before its first byte
}

type connKey struct{}

// withConn makes the connection known to the requests on it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// connOf returns the connection of a request, or nil in a test without one.
func connOf(ctx context.Context) *conn {
	c, _ := ctx.Value(connKey{}).(*conn)
	return c
}

// serve notes that a handler has a request or has done with it.
func (c *conn) serve(now bool) {
	if c == nil {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.serving = now
	if now {
		c.answerBy = time.Time{} // that of the request before
	}
	c.turn()
}

// turn notes whose turn it is when nothing is read or written. of.mu is held.
func (c *conn) turn() {
	c.waiting = time.Now()
	if c.serving {
		c.waiting = time.Time{}
	}
}

// waits notes that the client has to send or take something, until the function that
// it returns is called.
func (c *conn) waits() (done func()) {
	if c == nil {
		return func() {}
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.waiting = time.Now()
	return func() {
		c.of.mu.Lock()
		defer c.of.mu.Unlock()
		c.turn()
	}
}

// SetWriteDeadline sets when the answer must be written. Each part of it has to be
// taken within writeTimeout all the same.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.of.mu.Lock()
	c.answerBy = t
	c.of.mu.Unlock()
	return c.Conn.SetWriteDeadline(t)
}

// Read notes that the client has sent something.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.of.mu.Lock()
		c.sent = true
		c.of.mu.Unlock()
	}
	return n, err
}

// Write writes part by part, each of which the client has to take in time.
func (c *conn) Write(p []byte) (n int, err error) {
	defer c.waits()()
	for len(p) > 0 && err == nil {
		if err = c.Conn.SetWriteDeadline(c.partBy()); err != nil {
			return n, err
		}
		var wrote int
		wrote, err = c.Conn.Write(p[:min(len(p), writeChunk)])
		n, p = n+wrote, p[wrote:]
	}
	return n, err
}

// partBy is when the next part of an answer must be written.
func (c *conn) partBy() time.Time {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	by := time.Now().Add(writeTimeout)
	if c.answerBy.IsZero() {
		c.answerBy = time.Now().Add(answerTimeout)
	}
	if c.answerBy.Before(by) {
		return c.answerBy
	}
	return by
}

// Close makes room for another connection. It may be called more than once.
func (c *conn) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
