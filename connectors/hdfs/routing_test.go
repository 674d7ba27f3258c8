package hdfs

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/transforms/routers"
)

// What is in a record chooses the folder, and with it the table. The names of files and
// the offsets that are committed are those of the topic that is read, whose worker may be
// killed at any time.
func TestRecordsAreRoutedToAFolderByContent(t *testing.T) {
	mem := storagetest.NewMem()
	plugin := Plugin()
	plugin.New = func() connect.SinkConnector {
		return connect.SinkOf(func() connect.SinkTask { return &SinkTask{storage: mem} })
	}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{plugin},
		Transforms: []connect.TransformPlugin{routers.ExpressionRouterPlugin()}}, nil)
	w.CreateTopic("events", 1)
	w.Start(testProps("name", "out", "topics", "events", "connector.class", "HdfsSink", "flush.size", "4",
		"format.class", "JsonFormat", "partitioner.class", "DefaultPartitioner", "value.converter", workertest.JSONConverter,
		"transforms", "route", "transforms.route.type", "ExpressionRouter",
		"transforms.route.topic.expression", `"app_" + value.app`, "transforms.route.fallback.topic", "app_other"))
	w.Produce("events", `{"app":"shop","n":0}`, `{"app":"blog","n":1}`, `{"app":"shop","n":2}`, `{"app":7,"n":3}`)
	w.AwaitCommitted("out", "events")
	w.Kill()
	w.Restart()
	w.Produce("events", `{"app":"shop","n":4}`, `{"app":"shop","n":5}`, `{"app":"shop","n":6}`, `{"app":"shop","n":7}`)
	w.AwaitCommitted("out", "events")

	got := map[string]string{}
	for name, content := range mem.Files("/root") {
		if !strings.Contains(name, "/+") {
			got[strings.TrimPrefix(name, "/root/")] = string(content)
		}
	}
	const shop, later = "{\"app\":\"shop\",\"n\":0}\n{\"app\":\"shop\",\"n\":2}\n",
		"{\"app\":\"shop\",\"n\":4}\n{\"app\":\"shop\",\"n\":5}\n{\"app\":\"shop\",\"n\":6}\n{\"app\":\"shop\",\"n\":7}\n"
	want := map[string]string{
		"app_shop/partition=0/events+0+0000000000+0000000002.json":  shop,
		"app_shop/partition=0/events+0+0000000004+0000000007.json":  later,
		"app_blog/partition=0/events+0+0000000001+0000000001.json":  "{\"app\":\"blog\",\"n\":1}\n",
		"app_other/partition=0/events+0+0000000003+0000000003.json": "{\"app\":7,\"n\":3}\n",
	}
	if !maps.Equal(got, want) {
		t.Errorf("the files are %q, want %q", got, want)
	}
	if got := w.Committed("out"); len(got) != 1 || got[connect.TopicPartition{Topic: "events"}] != 8 {
		t.Errorf("the committed offsets are %v, want 8 of events-0", got)
	}
}
