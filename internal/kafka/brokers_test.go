package kafka_test

import (
	"bytes"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// lines is a log that is read while it is written.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// with returns the lines that have the text.
func (l *lines) with(text string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.out.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// loud returns what an operator sees.
func (l *lines) loud() []string {
	return append(append(l.with("level=INFO"), l.with("level=WARN")...), l.with("level=ERROR")...)
}

// port is the port that an embedded Kafka listens on.
func port(t *testing.T, c *kfake.Cluster) int {
	t.Helper()
	_, text, _ := net.SplitHostPort(c.ListenAddrs()[0])
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBrokersTellThatAnIdleClientsKafkaIsAway(t *testing.T) {
	c := kafkatest.Start(t)
	log := &lines{}
	b := kafka.NewBrokers(log.logger())
	if ok, _, err := b.State(); ok || err == nil {
		t.Errorf("State before the first answer = %v, %v, want unreachable and why", ok, err)
	}
	kafkatest.Client(t, c.ListenAddrs(), b.Opt(), kafka.Logger(log.logger()))
	kafkatest.Eventually(t, "kafka to answer", func() bool { ok, _, _ := b.State(); return ok })
	at := port(t, c)
	c.Close()
	kafkatest.Eventually(t, "kafka to be away", func() bool { ok, _, _ := b.State(); return !ok })
	if _, since, err := b.State(); since.IsZero() || err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("State while kafka is away = %v, %v, want since when and why", since, err)
	}
	kafkatest.Start(t, kfake.Ports(at))
	kafkatest.Eventually(t, "kafka to be back", func() bool { ok, _, _ := b.State(); return ok })
	got := log.loud()
	if len(got) != 2 || len(log.with(`level=WARN msg="kafka cannot be reached, trying again"`)) != 1 ||
		len(log.with(`level=INFO msg="kafka can be reached again"`)) != 1 {
		t.Errorf("the log has %d lines, want a warning and an end:\n%s", len(got), strings.Join(got, ""))
	}
}

func TestOneBrokerOfSeveralThatIsAwayIsTold(t *testing.T) {
	spare := kafkatest.Start(t)
	at := port(t, spare)
	spare.Close()
	c := kafkatest.Start(t)
	c.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		for id, p := range []int{port(t, c), at} {
			m := kmsg.NewMetadataResponseBroker()
			m.NodeID, m.Host, m.Port = int32(id), "127.0.0.1", int32(p)
			resp.Brokers = append(resp.Brokers, m)
		}
		return resp, nil, true
	})
	log := &lines{}
	b := kafka.NewBrokers(log.logger())
	cl := kafkatest.Client(t, c.ListenAddrs(), b.Opt(), kafka.Logger(log.logger()))
	if err := cl.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := cl.Broker(1).Request(t.Context(), kmsg.NewPtrApiVersionsRequest()); err == nil {
		t.Fatal("a broker that does not run answers")
	}
	kafkatest.Eventually(t, "the warning", func() bool { return len(log.with("level=WARN")) > 0 })
	if ok, _, err := b.State(); !ok {
		t.Errorf("State = unreachable: %v, want reachable, as one of two brokers is there", err)
	}
	kafkatest.Start(t, kfake.Ports(at))
	kafkatest.Eventually(t, "the end", func() bool { return len(log.with("level=INFO")) > 0 })
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(at))
	got := log.loud()
	if len(got) != 2 || len(log.with(`msg="a kafka broker cannot be reached, but others can" logger=kafka broker=`+addr)) != 1 ||
		len(log.with(`msg="the kafka broker can be reached again" logger=kafka broker=`+addr)) != 1 {
		t.Errorf("the log has %d lines, want a warning and an end:\n%s", len(got), strings.Join(got, ""))
	}
}

func TestBrokersThatNeverAnsweredAreExplained(t *testing.T) {
	c := kafkatest.Start(t)
	addrs := c.ListenAddrs() // before the end, as nobody answers after it
	c.Close()
	log := &lines{}
	b := kafka.NewBrokers(log.logger())
	kafkatest.Client(t, addrs, b.Opt(), kafka.Logger(log.logger()))
	kafkatest.Eventually(t, "the warning", func() bool { return len(log.with("level=WARN")) > 0 })
	if got := log.with("level=WARN")[0]; !strings.Contains(got, "nothing listens there: start the broker") {
		t.Errorf("the warning is %s, want what to do", got)
	}
}

func TestNilBrokersWatchNothing(t *testing.T) {
	var b *kafka.Brokers
	if err := kafkatest.Client(t, kafkatest.Start(t).ListenAddrs(), b.Opt()).Ping(t.Context()); err != nil {
		t.Errorf("a client with a nil Brokers: %v", err)
	}
	if ok, _, err := b.State(); !ok || err != nil {
		t.Errorf("State = %v, %v, want reachable", ok, err)
	}
}

func TestClientsLinesAboutRefusedConnectionsAreForDebugging(t *testing.T) {
	log := &lines{}
	cl := kafkatest.Client(t, []string{"127.0.0.1:1"}, kafka.Logger(log.logger()), kgo.RequestRetries(1))
	if err := cl.Ping(t.Context()); err == nil {
		t.Fatal("nothing listens on port 1, but Ping succeeds")
	}
	if got := log.with("unable to open connection"); len(got) != 1 || !strings.Contains(got[0], "level=DEBUG") {
		t.Errorf("a refused connection is logged as %q, want one debug line", got)
	}
}

func TestBrokersWarnOnceOfALoginThatIsNotEncrypted(t *testing.T) {
	certPEM, _ := certificate(t, "kafka.example")
	for name, c := range map[string]struct {
		servers, protocol string
		want              int
	}{
		"over a network":           {"192.0.2.1:9092", "SASL_PLAINTEXT", 1},
		"one of two over one":      {"localhost:9092,192.0.2.1:9092", "SASL_PLAINTEXT", 1},
		"encrypted":                {"192.0.2.1:9093", "SASL_SSL", 0},
		"without a login":          {"192.0.2.1:9092", "PLAINTEXT", 0},
		"on this machine":          {"127.0.0.1:9092,localhost:9092", "SASL_PLAINTEXT", 0},
		"on this machine, IPv6":    {"[::1]:9092", "SASL_PLAINTEXT", 0},
		"a name that looks near":   {"localhost.example:9092", "SASL_PLAINTEXT", 1},
		"a number that looks near": {"127.0.0.1.example:9092", "SASL_PLAINTEXT", 1},
	} {
		t.Run(name, func(t *testing.T) {
			log := &lines{}
			b := kafka.NewBrokers(log.logger())
			opts, err := kafka.Admin.Options(parse(t, map[string]string{"bootstrap.servers": c.servers,
				"security.protocol": c.protocol, "sasl.mechanism": "PLAIN", "sasl.username": "shop", "sasl.password": "top-secret",
				"ssl.truststore.certificates": string(certPEM)}), nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				kafkatest.Client(t, strings.Split(c.servers, ","), append(opts, b.Opt())...)
			}
			found := log.with("security.protocol to SASL_SSL")
			if len(found) != c.want {
				t.Errorf("%d warnings, want %d: %q", len(found), c.want, found)
			}
			if len(log.with("top-secret")) > 0 {
				t.Errorf("the log shows the password: %q", log.with("top-secret"))
			}
		})
	}
}
