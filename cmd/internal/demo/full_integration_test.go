//go:build integration

package demo

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/internal/accesslog"
)

// service returns the address in a variable, or says what to start.
func service(t *testing.T, name string) string {
	t.Helper()
	address := os.Getenv(name)
	if address != "" {
		return address
	}
	what := name + ` is not set: scripts/services/services up && eval "$(scripts/services/services env)"`
	if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
	return ""
}

// full are the options of a demo on real services, under a name of its own.
func full(t *testing.T) Options {
	t.Helper()
	name := fmt.Sprintf("suiro_demo_test_%d", time.Now().UnixNano())
	o := Options{
		Name:          name,
		Dir:           filepath.Join(t.TempDir(), "demo"),
		Kafka:         map[string]string{services.BootstrapServers: service(t, "SUIRO_KAFKA")},
		Elasticsearch: service(t, "SUIRO_ES"),
		Store:         "hdfs://" + service(t, "SUIRO_HDFS") + "/" + name,
		Metastore:     "thrift://" + service(t, "SUIRO_HMS"),
		HiveServer:    service(t, "SUIRO_HS2"),
	}
	t.Cleanup(func() { remove(t, o) })
	return o
}

// remove deletes the topics and the index.
func remove(t *testing.T, o Options) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.Kafka[services.BootstrapServers]))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	ctx := context.WithoutCancel(t.Context()) // which is over when the test is
	topics, err := adm.ListTopics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, topic := range topics.Names() {
		if strings.HasPrefix(topic, o.Name+"-") {
			own = append(own, topic)
		}
	}
	if _, err := adm.DeleteTopics(ctx, own...); err != nil {
		t.Error(err)
	}
	if err := services.NewIndex(o.Elasticsearch, "").Ask(ctx, http.MethodDelete, "/"+o.Name+"-access-json", nil); err != nil {
		t.Error(err)
	}
}

// wholeFull is whole with Elasticsearch.
func wholeFull(n int64) map[string]numbers {
	rows := whole(n)
	rows[stageElastic] = numbers{n, n, 0}
	return rows
}

func TestFullDemoArrivesOnceAndRunsAgainWithoutAdding(t *testing.T) {
	const lines = 10_000
	o := full(t)
	o.File = writeFile(t, "access.log", logOf(t, accesslog.Options{Lines: lines, Seed: 7}))
	for run, want := range []string{"out + rejected at every stage", "This run added nothing"} {
		out, err := try(t, o, nil)
		if err != nil {
			t.Fatalf("run %d: %v\n%s", run+1, err, out)
		}
		wantTable(t, out, wholeFull(lines))
		for _, text := range []string{want, "in Hive", "documents in index " + o.Name} {
			if !strings.Contains(out, text) {
				t.Errorf("run %d lacks %q:\n%s", run+1, text, out)
			}
		}
	}
	// Without its local state, and with some lines more.
	o.Dir = filepath.Join(t.TempDir(), "other")
	f, err := os.OpenFile(o.File, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := accesslog.Write(f, accesslog.Options{Lines: 50, Seed: 8}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := try(t, o, nil)
	if err != nil {
		t.Fatalf("run with a longer log: %v\n%s", err, out)
	}
	wantTable(t, out, wholeFull(lines+50))
}

func TestFullDemoFindsDocumentsThatAreGone(t *testing.T) {
	o := full(t)
	o.File = writeFile(t, "access.log", logOf(t, accesslog.Options{Lines: 100, Seed: 9}))
	out, err := try(t, o, func(string) {
		for _, method := range []string{http.MethodDelete, http.MethodPut} {
			index := services.NewIndex(o.Elasticsearch, "")
			if err := index.Ask(t.Context(), method, "/"+o.Name+"-access-json", nil); err != nil {
				t.Error(err)
			}
		}
	})
	if want := "it does not add up: elasticsearch: 100 records are missing"; err == nil || err.Error() != want {
		t.Errorf("demo = %v, want %s\n%s", err, want, out)
	}
}
