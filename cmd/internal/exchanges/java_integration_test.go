//go:build integration

package exchanges_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
)

var update = flag.Bool("update", false, "record what Kafka Connect's worker answers, and ours where it differs")

// Kafka Connect's worker and ours are asked the same, and answer the same, but for what the
// scripts list.
func TestOursAnswersAsAJavaWorker(t *testing.T) {
	brokers := kafkatest.Real(t)
	id := fmt.Sprintf("%07d", time.Now().UnixMilli()%10_000_000)
	java := newWorker(t, "Java's worker", startJava(t, brokers, "java"+id), "java"+id)
	ours := newWorker(t, "our worker", start(t, properties(brokers, "ours"+id)), "ours"+id)
	t.Cleanup(func() { clean(t, brokers, "java"+id, "ours"+id) })
	for _, s := range scripts(t) {
		t.Run(s.name(), func(t *testing.T) {
			if !s.alone() {
				t.Parallel()
			}
			for _, step := range s.steps {
				both(t, s, step, java, ours)
			}
			if *update {
				s.write(t)
			}
		})
	}
}

// both asks both workers the same.
func both(t *testing.T, s *script, step *step, java, ours *worker) {
	if step.until != "" {
		java.until(t, step)
		ours.until(t, step)
		return
	}
	var want message
	diffs := eventually(step, func() []string {
		theirs := make(chan message, 1)
		go func() { theirs <- java.settled(t, step.request) }()
		got := ours.ask(t, step.request)
		want = <-theirs
		return differences(want, got)
	})
	if *update {
		step.java, step.differs = bare(want), diffs
		if len(diffs) > 0 && step.because == "" {
			step.because = "?"
		}
	}
	if !slices.Equal(diffs, step.differs) {
		t.Errorf("%s:%d: %s\n    is answered differently:\n    %s\n    want\n    %s", s.path, step.line, step.request,
			strings.Join(diffs, "\n    "), strings.Join(step.differs, "\n    "))
	}
}

// settled asks again, for a minute, while the worker only says that its group rebalances.
func (w *worker) settled(t *testing.T, m message) (got message) {
	for range 600 {
		got = w.ask(t, m)
		if !strings.Contains(got.body, "stale configuration") && !strings.Contains(got.body, "rebalance is expected") &&
			!strings.Contains(got.body, "conflicting operation") {
			return got
		}
		<-time.After(100 * time.Millisecond)
	}
	return got
}

// startJava starts a worker of Kafka Connect on the brokers, and returns its address.
func startJava(t *testing.T, brokers []string, group string) string {
	t.Helper()
	own := servicetest.Own(t, "SUIRO_CONNECT_KAFKA="+strings.Join(brokers, ","),
		"SUIRO_CONNECT_CONF="+file(t, properties(brokers, group)), "SUIRO_CONNECT_HEAP=-Xms128m -Xmx400m")
	own.Run("connect.sh", "up")
	return own.Connect()
}

// clean removes what workers of a prefix have left in Kafka.
func clean(t *testing.T, brokers []string, prefixes ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	admin := kadm.NewClient(kafkatest.Client(t, brokers))
	topics, err := admin.ListTopics(ctx)
	if err != nil {
		t.Error(err)
	}
	groups, err := admin.ListGroups(ctx)
	if err != nil {
		t.Error(err)
	}
	for _, prefix := range prefixes {
		for _, topic := range topics.Names() {
			if strings.HasPrefix(topic, prefix) {
				_, _ = admin.DeleteTopics(ctx, topic)
			}
		}
		for _, group := range groups.Groups() {
			if strings.HasPrefix(group, prefix) || strings.HasPrefix(group, "connect-"+prefix) {
				_, _ = admin.DeleteGroups(ctx, group)
			}
		}
	}
}
