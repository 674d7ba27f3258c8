package worker_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// line is the way to a broker, on which one answer gets lost.
type line struct {
	mu    sync.Mutex // guards the rest
	sent  int        // answers so far
	lose  int        // the answer to lose, -1 for none
	away  time.Duration
	until time.Time // before that all answers get lost
}

func (l *line) listen(network, address string) (net.Listener, error) {
	inner, err := net.Listen(network, address)
	return listener{inner, l}, err
}

// lost counts an answer and tells whether it gets lost.
func (l *line) lost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.sent == l.lose {
		l.until = now.Add(max(l.away, 1))
	}
	l.sent++
	return now.Before(l.until)
}

// cut loses the answer number n from now on, and all others while it is away.
func (l *line) cut(n int, away time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent, l.lose, l.away, l.until = 0, n, away, time.Time{}
}

type listener struct {
	net.Listener
	line *line
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return conn{c, l.line}, err
}

type conn struct {
	net.Conn
	line *line
}

// Write sends one answer, or loses it and the connection.
func (c conn) Write(b []byte) (int, error) {
	if c.line.lost() {
		return 0, errors.Join(errors.New("the line is cut"), c.Close())
	}
	return c.Conn.Write(b)
}

// Whichever of the broker's answers gets lost, each record arrives once and in
// order. Without a loss the broker gives about 25 answers.
func TestExactlyOnceSourceOverABadLine(t *testing.T) {
	for lose := range 30 {
		t.Run(fmt.Sprintf("answer %d is lost", lose), func(t *testing.T) {
			t.Parallel()
			overABadLine(t, lose, 0)
		})
	}
	t.Run("all are lost for a while", func(t *testing.T) {
		t.Parallel()
		overABadLine(t, 20, 300*time.Millisecond)
	})
}

func overABadLine(t *testing.T, lose int, away time.Duration) {
	way := &line{lose: -1}
	k := startKafkaWith(t, kfake.SeedTopics(1, "lines"), kfake.ListenFn(way.listen))
	s := &source{values: numbered(9), batch: 3, topic: "lines"}
	w := startWorker(t, k.addr(), s.plugin(), exactlyOnce())
	way.cut(lose, away)
	c := startConnector(t, w, sourceProps())
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	stop(t, c)
	way.cut(-1, 0)
	k.produce("lines", "end")
	if got, want := values(k.consume("lines", 10)), strings.Join(append(numbered(9), "end"), " "); got != want {
		t.Errorf("topic holds %s, want %s", got, want)
	}
}
