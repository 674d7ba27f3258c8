//go:build integration

package group_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/group/internal/wire"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// javaGroup is the group.id of the Java worker of scripts/services.
const javaGroup = "suiro-connect"

// java is a Java worker, and all that it was told to run.
type java struct {
	*servicetest.Services
	t      *testing.T
	client *kgo.Client
	admin  *kadm.Client
	tasks  map[string]int
}

func startJava(t *testing.T, conf string) *java {
	t.Helper()
	file := filepath.Join(t.TempDir(), "worker.properties")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	own := servicetest.Own(t, "SUIRO_CONNECT_CONF="+file, "SUIRO_CONNECT_HEAP=-Xms128m -Xmx400m")
	own.Run("kafka.sh", "up")
	own.Run("connect.sh", "up")
	cl := kafkatest.Client(t, []string{own.Kafka()})
	return &java{own, t, cl, kadm.NewClient(cl), map[string]int{}}
}

func (j *java) call(method, path, body string, into any) int {
	j.t.Helper()
	req, err := http.NewRequestWithContext(j.t.Context(), method, "http://"+j.Connect()+path, strings.NewReader(body))
	if err != nil {
		j.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		j.t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	_, _ = text.ReadFrom(resp.Body)
	if into != nil {
		_ = json.Unmarshal(text.Bytes(), into)
	}
	return resp.StatusCode
}

// create makes a sink with so many tasks.
func (j *java) create(name string, tasks int) {
	j.t.Helper()
	j.tasks[name] = tasks
	body := fmt.Sprintf(`{"connector.class":"FileStreamSink","file":%q,"topics":"in","tasks.max":"%d"}`,
		filepath.Join(j.t.TempDir(), name), tasks)
	if got := j.call("PUT", "/connectors/"+name+"/config", body, nil); got != http.StatusCreated {
		j.t.Fatalf("PUT config of %s = %d, want 201", name, got)
	}
}

// group is what Kafka says of the group, with the bytes of its members.
func (j *java) group() kmsg.DescribeGroupsResponseGroup {
	j.t.Helper()
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = []string{javaGroup}
	resp, err := req.RequestWith(j.t.Context(), j.client)
	if err != nil {
		j.t.Fatal(err)
	}
	return resp.Groups[0]
}

// owns is what the Java worker has by the bytes in the group, and reports by its REST
// API that it runs.
func (j *java) owns() work.Set {
	owned := work.Set{}
	for _, m := range j.group().Members {
		if !strings.HasPrefix(m.ClientID, "connect-") {
			continue
		}
		said, err := wire.DecodeMetadata(m.ProtocolMetadata)
		got, err2 := wire.DecodeAssignment(m.MemberAssignment)
		if err != nil || err2 != nil {
			return owned // between two rounds
		}
		if said.Held != nil {
			owned.Add(said.Held.Assigned.Minus(got.Revoked))
		}
		owned.Add(got.Assigned)
	}
	var all map[string]struct{ Status api.ConnectorStatus }
	j.call("GET", "/connectors?expand=status", "", &all)
	running := work.Set{}
	here := func(id api.TaskID, s api.ConnectorState) {
		if s.State == api.Running && s.WorkerID == j.Connect() {
			running[id] = true
		}
	}
	for name, c := range all {
		here(api.TaskID{Connector: name, Task: work.Connector}, c.Status.Connector)
		for _, task := range c.Status.Tasks {
			here(api.TaskID{Connector: name, Task: task.ID}, task.ConnectorState)
		}
	}
	return owned.And(running)
}

// state is what our worker would read from the config topic.
func (j *java) state(ctx context.Context) (group.State, error) {
	ends, err := j.admin.ListEndOffsets(ctx, "connect-configs")
	if err != nil {
		return group.State{}, err
	}
	end, _ := ends.Lookup("connect-configs", 0)
	return group.State{Offset: end.Offset, Tasks: j.tasks}, nil
}

// ours starts one of our workers in the group of the Java worker.
func (j *java) ours(name string, p group.Protocol) *worker {
	return startIn(j.t, []string{j.Kafka()}, name, j.state, func(o *group.Options) {
		o.Group, o.Protocol = javaGroup, p
		o.Heartbeat, o.RebalanceTimeout = 500*time.Millisecond, 30*time.Second
	})
}

// shared reports whether the Java worker and ours run everything once, and both a
// fair share.
func (j *java) shared(w *worker) bool {
	ours, theirs := w.now().Owned.Set(), j.owns()
	return w.Standing() == group.Stable && len(ours.And(theirs)) == 0 && len(ours)+len(theirs) == 9 &&
		len(ours) >= 4 && len(theirs) >= 4
}

func TestAJavaWorkerAndOursAreInOneGroup(t *testing.T) {
	for _, p := range []group.Protocol{group.Sessioned, group.Compatible, group.Eager} {
		t.Run(p.String(), func(t *testing.T) {
			j := startJava(t, "connect.protocol="+p.String()+"\nscheduled.rebalance.max.delay.ms=0\n")
			if _, err := j.admin.CreateTopics(t.Context(), 1, 1, nil, "in"); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"one", "two", "three"} { // 9 with their tasks
				j.create(name, 2)
			}
			kafkatest.Eventually(t, "Java runs all", func() bool { return len(j.owns()) == 9 })

			w := j.ours("127.0.0.1:1", group.Sessioned)
			kafkatest.Eventually(t, "Java leads, and both share", func() bool { return j.shared(w) })
			a := w.now()
			if got, want := a.LeaderURL, "http://"+j.Connect()+"/"; got != want || a.IsLeader() || a.Protocol != p {
				t.Errorf("leader %q, protocol %v, want %q and %v", got, a.Protocol, want, p)
			}

			j.Run("connect.sh", "down")
			kafkatest.Eventually(t, "ours runs all", func() bool {
				return len(w.now().Owned.Set()) == 9
			})
			j.Run("connect.sh", "up")
			kafkatest.Eventually(t, "ours leads, and both share", func() bool { return j.shared(w) })
			if a := w.now(); !a.IsLeader() || len(a.Peers) != 2 {
				t.Errorf("our worker leads: %t, and knows %d members, want true and 2", a.IsLeader(), len(a.Peers))
			}
			if g := j.group(); g.State != "Stable" || g.ProtocolType != "connect" || len(g.Members) != 2 {
				t.Errorf("the group is %s of type %q with %d members, want Stable, connect and 2",
					g.State, g.ProtocolType, len(g.Members))
			}
		})
	}
}
