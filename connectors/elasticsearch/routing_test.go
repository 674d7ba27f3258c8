package elasticsearch

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/transforms/routers"
)

// What is in a record chooses its index. The id of its document, the offset that is
// committed and its dead letter are those of the topic that it was read from.
func TestRecordsAreRoutedToAnIndexByContent(t *testing.T) {
	f := newFakeES(t)
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{Plugin()},
		Transforms: []connect.TransformPlugin{routers.ExpressionRouterPlugin()}}, nil)
	w.CreateTopic("events", 2)
	w.Start(quickly(f.server.URL, "name", "out", "topics", "events", "connector.class", "ElasticsearchSink",
		"value.converter", workertest.JSONConverter, "transforms", "route",
		"transforms.route.type", "ExpressionRouter", "transforms.route.topic.expression", `"app-" + value.app`,
		"transforms.route.allowed.regex", "app-(shop|blog)",
		"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1",
		"errors.deadletterqueue.context.headers.enable", "true"))
	w.ProduceRecords(
		workertest.Record{Topic: "events", Value: []byte(`{"app":"shop"}`)},
		workertest.Record{Topic: "events", Value: []byte(`{"app":"blog"}`)},
		workertest.Record{Topic: "events", Partition: 1, Value: []byte(`{"app":"shop"}`)},
		workertest.Record{Topic: "events", Partition: 1, Value: []byte(`{"app":"anything"}`)})

	l := w.DeadLetters("bad", 1)[0]
	if l.OriginalTopic != "events" || l.OriginalPartition != 1 || l.OriginalOffset != 1 || l.Stage != "TRANSFORMATION" ||
		!strings.Contains(l.Reason, "app-anything, which allowed.regex does not allow") {
		t.Errorf("dead letter = %+v, want that of events-1@1, because of its topic", l)
	}
	w.AwaitCommitted("out", "events")
	for index, want := range map[string]map[string]string{
		"app-shop": {"events+0+0": `{"app":"shop"}`, "events+1+0": `{"app":"shop"}`},
		"app-blog": {"events+0+1": `{"app":"blog"}`},
		"events":   {},
	} {
		if got := f.live(index); !maps.Equal(got, want) {
			t.Errorf("index %s has %v, want %v", index, got, want)
		}
	}
	for tp := range w.Committed("out") {
		if tp.Topic != "events" {
			t.Errorf("an offset of %s is committed, want those of the topic that is read alone", tp)
		}
	}
}
