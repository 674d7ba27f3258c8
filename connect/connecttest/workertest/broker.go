package workertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

const (
	password = "workertest"
	observer = "observer" // the user that the test itself is
	maxLives = 200        // of workers on one broker
)

// broker is an embedded Kafka that can cut a worker off. It tells the connections
// of one life of a worker from others by the user that they log in as.
type broker struct {
	cluster *kfake.Cluster
	client  *kgo.Client // the test's

	mu    sync.Mutex // guards the rest
	lives int
	conns map[*conn]bool
	dead  map[string]bool // by user
}

func startBroker(t testing.TB) *broker {
	t.Helper()
	b := &broker{conns: map[*conn]bool{}, dead: map[string]bool{}}
	opts := []kfake.Opt{kfake.ListenFn(b.listen), kfake.EnableSASL(), kfake.Superuser("PLAIN", observer, password)}
	for n := range maxLives {
		opts = append(opts, kfake.Superuser("PLAIN", userOf(n), password))
	}
	b.cluster = kafkatest.Start(t, opts...)
	b.client = b.observe(t, kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	return b
}

func userOf(life int) string { return fmt.Sprintf("life-%d", life) }

// observe returns a client of the test, which no kill reaches.
func (b *broker) observe(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	return kafkatest.Client(t, b.cluster.ListenAddrs(),
		append(opts, kgo.SASL(plain.Auth{User: observer, Pass: password}.AsMechanism()))...)
}

// properties are those with which a new life of a worker connects.
func (b *broker) properties() (user string, props map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	user = userOf(b.lives)
	b.lives++
	return user, b.propertiesOf(user)
}

func (b *broker) propertiesOf(user string) map[string]string {
	return map[string]string{
		"bootstrap.servers": strings.Join(b.cluster.ListenAddrs(), ","),
		"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
		"sasl.jaas.config": fmt.Sprintf(
			"org.apache.kafka.common.security.plain.PlainLoginModule required username=%q password=%q;", user, password),
	}
}

// cut ends what a user has open, for good, and returns what the connections sent
// last.
func (b *broker) cut(user string) (sent [][]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead[user] = true
	for c := range b.conns {
		if c.user == user {
			_ = c.Close()
			sent = append(sent, c.last())
			delete(b.conns, c)
		}
	}
	return sent
}

// evict removes the members of consumer groups that were heard of in what a killed
// worker sent last, as the coordinator does when their sessions time out. A member
// says its name in each heartbeat.
func (b *broker) evict(ctx context.Context, sent [][]byte) error {
	said := func(member string) bool {
		return slices.ContainsFunc(sent, func(text []byte) bool { return bytes.Contains(text, []byte(member)) })
	}
	groups, err := kadm.NewClient(b.client).DescribeGroups(ctx)
	if err != nil {
		return fmt.Errorf("list the consumer groups: %w", err)
	}
	var errs []error
	for _, g := range groups {
		leave := kmsg.NewPtrLeaveGroupRequest()
		leave.Group = g.Group
		for _, m := range g.Members {
			if !said(m.MemberID) {
				continue
			}
			member := kmsg.NewLeaveGroupRequestMember()
			member.MemberID = m.MemberID
			leave.Members = append(leave.Members, member)
		}
		if len(leave.Members) > 0 {
			_, err := leave.RequestWith(ctx, b.client)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (b *broker) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return listener{l, b}, err
}

type listener struct {
	net.Listener
	broker *broker
}

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, broker: l.broker}, nil
}

// conn is a connection at the broker's end. It is somebody's from the moment that
// it logs in.
type conn struct {
	net.Conn
	broker *broker
	user   string // guarded by the broker's mu

	mu     sync.Mutex // guards the rest
	tail   []byte     // what was read last
	logged bool       // in
}

// kept is how much of what was read is kept: enough for a login with what comes
// before it, and for several heartbeats.
const kept = 8192

// login is the message of SASL's mechanism PLAIN.
var login = regexp.MustCompile("\x00([a-z0-9-]+)\x00" + password)

// Read implements [net.Conn].
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if user := c.note(p[:n]); user != "" && !c.broker.admit(c, user) {
		return 0, net.ErrClosed
	}
	return n, err
}

// note keeps what was read, and returns the user who logs in with it.
func (c *conn) note(read []byte) (user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tail = append(c.tail, read...)
	c.tail = c.tail[max(0, len(c.tail)-kept):]
	if c.logged {
		return ""
	}
	found := login.FindSubmatch(c.tail)
	if found == nil {
		return ""
	}
	c.logged = true
	return string(found[1])
}

// last returns what was read last.
func (c *conn) last() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.tail)
}

// admit notes whose a connection is, and reports whether that user is alive.
func (b *broker) admit(c *conn, user string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead[user] {
		return false
	}
	c.user = user
	b.conns[c] = true
	return true
}

// committed returns the offsets of a consumer group.
func (b *broker) committed(ctx context.Context, group string) (kadm.OffsetResponses, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return kadm.NewClient(b.client).FetchOffsets(ctx, group)
}
