package mirror_test

import (
	"context"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/mirror"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// ending is a source connector whose input is over when a task finds nothing to poll.
type ending struct{ connect.SourceConnector }

func (e ending) NewTask() connect.SourceTask { return endingTask{e.SourceConnector.NewTask()} }

type endingTask struct{ connect.SourceTask }

func (t endingTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	records, err := t.SourceTask.Poll(ctx)
	if err == nil && len(records) == 0 && ctx.Err() == nil {
		err = connect.ErrEndOfInput
	}
	return records, err
}

func endingPlugin(p connect.SourcePlugin) connect.SourcePlugin {
	create := p.New
	p.New = func() connect.SourceConnector { return ending{create()} }
	return p
}

func TestMirrorSourceKeepsItsPromises(t *testing.T) {
	connecttest.RunSource(t, endingPlugin(mirror.SourcePlugin()), func(t *testing.T) connecttest.SourceCase {
		east := kafkatest.Start(t, kfake.SeedTopics(1, "orders"), kfake.ClusterID("east"))
		west := kafkatest.Start(t, kfake.ClusterID("west"))
		values := numbers(0, 6)
		(&flow{t: t, east: east}).produce("orders", 0, values...)
		props := map[string]string{"source.cluster.alias": "east", "target.cluster.alias": "west",
			"source.cluster.bootstrap.servers": strings.Join(east.ListenAddrs(), ","),
			"target.cluster.bootstrap.servers": strings.Join(west.ListenAddrs(), ","),
			"topics":                           "orders", "replication.factor": "1", "offset-syncs.topic.replication.factor": "1",
			"source.consumer.fetch.max.wait.ms": "50", "consumer.poll.timeout.ms": "400"}
		broken := map[string]string{"task.assigned.partitions": "orders"}
		for k, v := range props {
			broken[k] = v
		}
		return connecttest.SourceCase{Props: props, Want: values, Broken: broken}
	})
}
