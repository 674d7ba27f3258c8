//go:build integration

package cli

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// What an operator sees of a real Kafka.
func TestTopicsOfARealKafka(t *testing.T) {
	brokers := kafkatest.Real(t)
	name := fmt.Sprintf("cli-topics-%d", time.Now().UnixNano())
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := adm.DeleteTopics(ctx, name); err != nil {
			t.Error(err)
		}
	})
	address := strings.Join(brokers, ",")
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"create " + name + " --partitions 3 --replication-factor 1 --topic-config cleanup.policy=compact", ExitOK,
			[]string{"created topic " + name + " with 3 partitions and 1 replica\n"}},
		{"create " + name + " --partitions 3", ExitFailure, []string{"it exists already: use --if-not-exists"}},
		{"create " + name + " --partitions 4 --if-not-exists", ExitFailure,
			[]string{"it exists with the number of partitions 3, and 4 was asked for"}},
		{"create " + name + "-wide --replication-factor 9", ExitFailure,
			[]string{"INVALID_REPLICATION_FACTOR", "--replication-factor must not be more than the number of brokers"}},
		{"create " + name + "-odd --topic-config cleanup.polcy=compact", ExitFailure,
			[]string{"INVALID_CONFIG", "cleanup.polcy"}},
		{"list", ExitOK, []string{"TOPIC ", "RECORDS\n", name + " "}},
		{"describe " + name, ExitOK, []string{name + ": 3 partitions, 1 replica, 0 records\n", "cleanup.policy = compact\n",
			"PARTITION   LEADER   REPLICAS   IN SYNC   FIRST OFFSET   NEXT OFFSET\n"}},
	} {
		code, stdout, stderr := topicsRun(t, address, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("topics %s: code %d, want %d: %s%s", c.args, code, c.code, stdout, stderr)
		}
		for _, want := range c.want {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("topics %s: %s%s\nwant it to hold %q", c.args, stdout, stderr, want)
			}
		}
	}
}
