package kinds

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
	"github.com/suiro/suiro/internal/backoff"
)

// clusters are attacks on workers that share connectors, by whoever may join their group
// or write to their topics, and on taps.
func clusters() []Kind {
	return []Kind{
		{"hostile-members", "joins the group of the workers with metadata that hurts, and leads it with assignments that " +
			"hurt", hostileMembers},
		{"hostile-state", "writes what hurts to the topics in which workers keep configurations, states and offsets",
			hostileState},
		{"hostile-taps", "taps all connectors many times at once, and tasks and stages that do not exist", hostileTaps},
	}
}

// hurts are bytes where Kafka Connect's own are expected.
func hurts(f *Field) [][]byte {
	random := make([]byte, 64+f.Rand.IntN(1000))
	for i := range random {
		random[i] = byte(f.Rand.Uint32())
	}
	return [][]byte{nil, random, {0x7f, 0xff}, {0, 0, 0xff, 0xff}, {0, 2, 0x7f, 0xff, 'x'},
		append([]byte{0, 1, 0, 1, 'u', 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff}, random...),
		append([]byte{0, 1, 0x7f, 0xff}, strings.Repeat("u", 1<<20)...),
		{0, 0, 0, 1, 'u', 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
}

func hostileMembers(ctx context.Context, f *Field) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.Stage.Kafka...))
	if err != nil {
		return err
	}
	defer cl.Close()
	all := hurts(f)
	f.Rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, text := range all[:f.many(3, len(all))] {
		if err := f.visit(ctx, cl, text); err != nil {
			return err
		}
	}
	return errors.Join(answers(ctx, f), joined(ctx, f.Member))
}

// visit joins the group of the workers with a text, gives it out when the broker makes the
// visitor the leader, and leaves.
func (f *Field) visit(ctx context.Context, cl *kgo.Client, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType = f.Cluster(), "connect"
	join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = 10_000, 20_000
	for _, name := range []string{"sessioned", "compatible", "default"} {
		p := kmsg.NewJoinGroupRequestProtocol()
		p.Name, p.Metadata = name, text
		join.Protocols = append(join.Protocols, p)
	}
	in, err := join.RequestWith(ctx, cl)
	if err == nil && kerr.ErrorForCode(in.ErrorCode) == kerr.MemberIDRequired {
		join.MemberID = in.MemberID
		in, err = join.RequestWith(ctx, cl)
	}
	if err != nil || in.ErrorCode != 0 {
		return err // a broker that refuses a member is no fault of the workers
	}
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.Generation, sync.MemberID = join.Group, in.Generation, in.MemberID
	sync.ProtocolType, sync.Protocol = in.ProtocolType, in.Protocol
	if in.LeaderID == in.MemberID {
		for _, m := range in.Members {
			a := kmsg.NewSyncGroupRequestGroupAssignment()
			a.MemberID, a.MemberAssignment = m.MemberID, text
			sync.GroupAssignment = append(sync.GroupAssignment, a)
		}
	}
	if _, err := sync.RequestWith(ctx, cl); err != nil {
		return err
	}
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group, leave.MemberID = join.Group, in.MemberID
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID = in.MemberID
	leave.Members = append(leave.Members, m)
	_, err = leave.RequestWith(ctx, cl)
	return err
}

// joined waits until a worker is a member of its group again. It need not be ready: what
// another attack has made it run may have failed.
func joined(ctx context.Context, p *stage.Process) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patient)
	defer cancel()
	for {
		status, text, err := ask(ctx, "GET", "http://"+p.HTTP+"/ready", "")
		if err == nil && !strings.Contains(text, "is in no group") {
			return nil
		}
		if backoff.Sleep(ctx, time.Second) != nil {
			return fmt.Errorf("%s is in no group %v after the attack: %d, %w: %.500s", p.Name, 2*patient, status, err, text)
		}
	}
}

func hostileState(ctx context.Context, f *Field) error {
	huge, deep := strings.Repeat("x", 900_000), strings.Repeat("[", 100_000)
	values := []string{"", "null", "7", `"x"`, "[]", "{", deep, `{"a":` + deep, `{"properties":null}`, `{"properties":7}`,
		`{"properties":{"connector.class":7}}`, `{"properties":{"connector.class":"Nothing","x":"` + huge + `"}}`,
		`{"tasks":-1}`, `{"tasks":2147483647}`, `{"tasks":1e99}`, `{"state":"NOWHERE"}`, `{"state":7,"trace":null}`,
		`{"key":"eA==","algorithm":"HmacMD4","creation-timestamp":-1}`, `{"restart-requested":1}`, `{"level":"LOUD"}`,
		`{"state":"RUNNING","trace":"` + huge + `","worker_id":"\u0000","generation":9223372036854775807}`, "\xff\xfe\x00"}
	keys := []string{"connector-h", "task-h-0", "task-h-99999999999", "task--1", "commit-h", "target-state-h",
		"tasks-fencing-h", "restart-connector-h", "session-key", "logger-cluster-root", "status-connector-h",
		"status-task-h-0", "status-topic-t:connector-h", `["h",{"filename":"x"}]`, `["h",null]`, `[null]`, deep, ""}
	var records []*kgo.Record
	for range f.many(300, 5000) {
		topic := choose(f, "cluster-configs", "cluster-status", "cluster-offsets")
		r := &kgo.Record{Topic: f.Topic(topic), Key: []byte(choose(f, keys...)), Value: []byte(choose(f, values...))}
		if f.Rand.IntN(10) == 0 {
			r.Value = nil
		}
		records = append(records, r)
	}
	if err := f.Kafka.Records(ctx, records...); err != nil {
		return err
	}
	for _, page := range []string{"/connectors?expand=info&expand=status", "/connectors/h/offsets", "/connectors/h/topics",
		"/admin/loggers", "/metrics"} {
		status, text, err := ask(ctx, "GET", "http://"+f.Member.HTTP+page, "")
		if err == nil && status >= 500 && status != http.StatusServiceUnavailable {
			return fmt.Errorf("GET %s of %s = %d after the attack: %.500s", page, f.Member.Name, status, text)
		}
	}
	return answers(ctx, f)
}

func hostileTaps(ctx context.Context, f *Field) error {
	names := []string{"honest-log", "to-elasticsearch", "to-hdfs", "to-file", "to-registry", "to-envelope"}
	queries := []string{"?limit=100&waitMs=2000", "?waitMs=1", "?task=0&stage=converted&limit=100",
		"?task=2147483647&waitMs=5", "?limit=101", "?limit=-1", "?waitMs=99999999999999999999", "?stage=%00", "?task=x"}
	err := together(24, func(i int) error {
		for n := range f.many(10, 200) {
			path := "/connectors/" + f.Topic(names[(i+n)%len(names)]) + "/tap" + queries[(i*7+n)%len(queries)]
			status, text, err := ask(ctx, "GET", "http://"+f.Worker.HTTP+path, "")
			if err == nil && status >= 500 && status != http.StatusServiceUnavailable {
				return fmt.Errorf("GET %s = %d: %.500s", path, status, text)
			}
			if strings.Contains(text, stage.Password) {
				return fmt.Errorf("GET %s shows a password", path)
			}
		}
		return nil
	})
	return errors.Join(err, answers(ctx, f))
}
