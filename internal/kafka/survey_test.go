package kafka_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

func TestSurveyAsksEveryBroker(t *testing.T) {
	c := kafkatest.Start(t, kfake.NumBrokers(3), kfake.ClusterID("east"))
	addrs := append(c.ListenAddrs()[:1:1], "127.0.0.1:1")
	s := kafka.Survey(t.Context(), kafkatest.Client(t, addrs))
	if s.ClusterID != "east" || s.Protocol != "PLAINTEXT" || len(s.Bootstrap) != 2 || len(s.Brokers) != 3 {
		t.Fatalf("Survey = %+v, want both bootstrap servers and three brokers of the cluster east", s)
	}
	if err := s.Bootstrap[1].Err; err == nil || !strings.Contains(err.Error(), "nothing listens there") {
		t.Errorf("the second bootstrap server: %v, want that nothing listens there", err)
	}
	for i, b := range s.Brokers {
		if b.Err != nil || b.Node != int32(i) || !strings.Contains(b.Release, "v") || b.Took <= 0 {
			t.Errorf("broker %d = %+v, want an answer with a release", i, b)
		}
	}
}

func TestSurveyEndsWithoutABootstrapServer(t *testing.T) {
	s := kafka.Survey(t.Context(), kafkatest.Client(t, []string{"127.0.0.1:1"}))
	if s.ClusterID != "" || len(s.Brokers) != 0 || s.Bootstrap[0].Err == nil {
		t.Errorf("Survey = %+v, want an error of the one server", s)
	}
}
