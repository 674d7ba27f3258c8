//go:build integration

package guides_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/docs/internal/guide"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

func TestGuidesOnKafka(t *testing.T) {
	broker, root := kafkatest.Real(t)[0], top(t)
	admin := kadm.NewClient(kafkatest.Client(t, []string{broker}))
	clear := func() { // what a page leaves, or a run of it that was killed, would be there when it is followed again
		ctx := context.Background()
		_, err := admin.DeleteTopics(ctx, "clicks-ltsv", "clicks-json", "shop-configs", "shop-offsets", "shop-status",
			"shop-orders")
		_, err2 := admin.DeleteGroups(ctx, "clicks", "shop", "connect-copy")
		if err := errors.Join(err, err2); err != nil {
			t.Error(err)
		}
	}
	clear()
	t.Cleanup(clear)
	bin := guide.Build(t, root)
	guide.UseKafka(t, root, bin)
	for _, page := range onKafka {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin})
		})
	}
}

func TestGuidesOnElasticsearch(t *testing.T) {
	es, root := elasticsearch(t), top(t)
	bin := guide.Build(t, root)
	t.Cleanup(func() {
		for _, path := range []string{"/visits-bare", "/visits", "/visits-" + time.Now().UTC().Format("2006.01.02"), "/_index_template/visits",
			"/_component_template/logs@custom"} {
			remove(t, es+path)
		}
	})
	for _, page := range onElasticsearch {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) {
			broker := kafkatest.Start(t).ListenAddrs()[0]
			guide.Run(t, page, guide.Setup{Root: root, Broker: broker, Bin: bin, Elasticsearch: es})
		})
	}
}

// elasticsearch is the address of the Elasticsearch that tests share.
func elasticsearch(t *testing.T) string {
	t.Helper()
	url := os.Getenv("SUIRO_ES")
	if url == "" {
		const what = "SUIRO_ES is not set: run scripts/services/elasticsearch.sh up, then env"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return strings.TrimPrefix(url, "http://")
}

// remove deletes what a page leaves in Elasticsearch.
func remove(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodDelete, "http://"+url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		t.Errorf("DELETE %s: %s", url, res.Status)
	}
}
