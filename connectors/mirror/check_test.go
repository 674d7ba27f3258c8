package mirror_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/mirror"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

func TestCheckAsksBothClusters(t *testing.T) {
	there := strings.Join(kafkatest.Start(t).ListenAddrs(), ",")
	v, err := check(mirror.SourcePlugin(), valid("source.cluster.bootstrap.servers", "127.0.0.1:1",
		"target.cluster.bootstrap.servers", there))
	if err != nil {
		t.Fatal(err)
	}
	found, err := mirror.SourcePlugin().New().(connect.Checker).Check(t.Context(), v)
	if found != "the target cluster answers" || err == nil || !strings.Contains(err.Error(), "ask the source cluster: broker 127.0.0.1:1") {
		t.Errorf("Check = %q, %v, want that the source cluster does not answer", found, err)
	}
	if found, err = mirror.HeartbeatPlugin().New().(connect.Checker).Check(t.Context(), v); found == "" || err != nil {
		t.Errorf("Check of heartbeats = %q, %v, want that the target cluster answers", found, err)
	}
}
