//go:build integration

package cluster_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// Two workers go on while one broker of three is away, whichever that is: leaders of their
// topics, and coordinators of their groups and transactions, move. Nothing is lost, and the
// sources, which are exactly once, write nothing twice. With SUIRO_LONG=1 the third broker has its
// turn, too.
func TestWorkersOutliveEachBroker(t *testing.T) {
	own := servicetest.Own(t, "SUIRO_KAFKA_BROKERS=3", "SUIRO_KAFKA_HEAP=-Xms128m -Xmx384m")
	own.Run("kafka.sh", "up")
	s := newStage(t, own.Brokers())
	var names []string
	for i := range 2 {
		w := s.worker("worker-"+strconv.Itoa(i), map[string]string{"exactly.once.source.support": "enabled",
			"config.storage.replication.factor": "3", "offset.storage.replication.factor": "3",
			"status.storage.replication.factor": "3"})
		w.launch()
		kafkatest.Eventually(t, w.name+" to be ready", w.ready)
		names = append(names, w.address)
	}
	l := newLoad(s, 3, 2)
	l.create(s.of(names...), nil)
	s.shared(s.of(names...), l.units(), names...)
	l.feed()
	brokers := []string{"1", "2"}
	if os.Getenv("SUIRO_LONG") == "1" {
		brokers = append(brokers, "3")
	}
	for _, broker := range brokers {
		own.Run("kafka.sh", "kill", broker)
		for _, topic := range l.topics() {
			before := s.end(topic)
			kafkatest.Eventually(t, "lines to reach "+topic+" without broker "+broker, func() bool {
				return s.end(topic) > before+200
			})
		}
		before := len(lines(t, l.out()))
		kafkatest.Eventually(t, "lines to reach the sink without broker "+broker, func() bool {
			return len(lines(t, l.out())) > before+500
		})
		own.Run("kafka.sh", "up")
	}
	again, twice := l.arrived()
	t.Logf("%d lines came twice to the sink", twice)
	if again > 0 {
		t.Errorf("%d lines came twice into topics, want none", again)
	}
}

// end returns where the partitions of a topic end, as far as brokers tell, added up.
func (s *stage) end(topic string) (sum int64) {
	listed, _ := s.admin.ListCommittedOffsets(s.t.Context(), topic)
	listed.Each(func(o kadm.ListedOffset) { sum += max(o.Offset, 0) })
	return sum
}
