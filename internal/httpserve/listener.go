package httpserve

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// maxConnections leaves most of the files that the process may have open to the rest
// of it.
func maxConnections() int {
	const most, least, part = 256, 8, 8
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur > most*part {
		return most
	}
	return max(least, int(files.Cur/part))
}

// busy is the answer to a connection for which there is no room.
const busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n" +
	"Connection: close\r\nContent-Length: 70\r\n\r\n" +
	`{"error_code":503,"message":"too many connections: try again later"}` + "\r\n"

// limitedListener accepts connections up to a limit, and gives up for no error but
// its end.
type limitedListener struct {
	net.Listener
	most    int
	silent  bool // a client of HTTPS would not understand why it is refused
	refused notice
	failed  notice
	closed  chan struct{}
	once    sync.Once // of closing

	mu   sync.Mutex // guards the connections and their state
	open map[*conn]struct{}
}

func newLimitedListener(l net.Listener, o Options) *limitedListener {
	return &limitedListener{Listener: l, most: o.MaxConnections, silent: o.TLS != nil, closed: make(chan struct{}),
		open:    map[*conn]struct{}{},
		refused: notice{log: o.Logger, message: "http has too many connections and closes some"},
		failed:  notice{log: o.Logger, message: "http cannot accept connections, and tries again"}}
}

// Accept waits for a connection that there is room for. An error of the system, such
// as that no more files can be opened, is waited out, as it ends when files are
// closed; the server and the process must not end with it.
func (l *limitedListener) Accept() (net.Conn, error) {
	const shortest, longest = 5 * time.Millisecond, time.Second
	pause := shortest
	for {
		accepted, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil:
			l.failed.say("error", err)
			if !l.wait(pause) {
				return nil, net.ErrClosed
			}
			pause = min(2*pause, longest)
			continue
		}
		pause = shortest
		if c := l.admit(accepted); c != nil {
			return c, nil
		}
		if !l.silent {
			_ = accepted.SetWriteDeadline(time.Now().Add(time.Second)) // nothing fills its buffer yet
			_, _ = io.WriteString(accepted, busy)
		}
		_ = accepted.Close()
	}
}

// wait pauses, and reports whether the listener is still open.
func (l *limitedListener) wait(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.closed:
		return false
	}
}

// Close ends Accept. It may be called more than once.
func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// admit makes room for a connection, or returns nil.
func (l *limitedListener) admit(accepted net.Conn) *conn {
	c := &conn{Conn: accepted, of: l, waiting: time.Now()}
	l.mu.Lock()
	var slowest *conn
	if len(l.open) >= l.most {
		slowest = l.slowest()
		if slowest == nil {
			l.mu.Unlock()
			l.refused.say("limit", l.most)
			return nil
		}
		delete(l.open, slowest)
	}
	l.open[c] = struct{}{}
	l.mu.Unlock()
	if slowest != nil {
		_ = slowest.Conn.Close() // its goroutine finds that out and ends
		l.refused.say("limit", l.most)
	}
	return c
}

// slowest is the connection that has kept the server waiting for the longest. mu is
// held.
func (l *limitedListener) slowest() (slowest *conn) {
	for c := range l.open {
		if !c.waiting.IsZero() && (slowest == nil || c.waiting.Before(slowest.waiting)) {
			slowest = c
		}
	}
	return slowest
}

// closeSilent closes the connections whose clients have never sent anything, which
// the end of the server would otherwise wait for.
func (l *limitedListener) closeSilent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if !c.sent {
			_ = c.Conn.Close() // its goroutine finds that out and ends
		}
	}
}
