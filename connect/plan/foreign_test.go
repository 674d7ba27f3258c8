package plan_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/plan"
)

// The files of other workers and connectors run here: one warning for each key
// that means nothing.
func TestFilesThatPeopleHaveAreAccepted(t *testing.T) {
	w := parseWorker(t, nil)
	for name, props := range map[string]map[string]string{
		"schemas beside a string converter": sinkProps("value.converter", "String", "value.converter.schemas.enable", "false"),
		"a registry's beside it":            sinkProps("key.converter", "String", "key.converter.schema.registry.url", "http://r"),
		"a vendor's license":                sinkProps("confluent.topic.replication.factor", "1"),
		"a vendor's reporter":               sinkProps("reporter.bootstrap.servers", "k:9092"),
		"a comment":                         sinkProps("_comment", "ask the shop team"),
		"another comment":                   sinkProps("//", "ask the shop team"),
		"a version":                         sinkProps("connector.plugin.version", "1.0"),
		"a transform's version":             sinkProps("transforms", "a", "transforms.a.type", "DropOdd", "transforms.a.plugin.version", "1"),
		"interceptors":                      sinkProps("consumer.override.interceptor.classes", "io.confluent.X"),
		"a Java client's key":               sinkProps("consumer.override.enable.auto.commit", "false"),
		"a converter's version":             sinkProps("value.converter.plugin.version", "1"),
		"an offset topic of its own":        sourceProps("offsets.storage.topic", "o"), // of a standalone worker
	} {
		c, _ := compile(t, w, props)
		if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], " has no effect: ") {
			t.Errorf("%s: warnings = %q, want one", name, c.Warnings)
		}
	}
}

// The keys of a distributed worker's file are one warning each in a standalone worker.
func TestADistributedWorkersFileIsAccepted(t *testing.T) {
	keys := strings.Fields(`status.storage.topic config.storage.replication.factor connect.protocol
		inter.worker.key.size worker.sync.timeout.ms listeners.https.ssl.protocol producer.interceptor.classes admin.confluent.x consumer.key.deserializer
		client.dns.lookup producer.retry.backoff.ms _comment`)
	props := map[string]string{}
	for _, key := range keys {
		props[key] = "1"
	}
	props["connect.protocol"] = "eager"
	w := parseWorker(t, props)
	if len(w.Warnings) != len(keys) {
		t.Errorf("%d warnings for %d keys:\n%s", len(w.Warnings), len(keys), strings.Join(w.Warnings, "\n"))
	}
}

// A key near one that is read is a slip and not another part's key.
func TestMisspeltKeysStayRefused(t *testing.T) {
	w := parseWorker(t, nil)
	for _, c := range [][3]string{
		{"value.converter", "JSON", "value.converter.schema.enable"},
		{"value.converter", "String", "value.converter.shcemas.enable"},
		{"config.action.relaod", "restart", "config.action.relaod"},
		{"errors.tolerence", "all", "errors.tolerence"},
	} {
		props := sinkProps(c[0], c[1])
		if _, ok := props[c[2]]; !ok {
			props[c[2]] = "true"
		}
		_, errs, err := plan.Compile(w, plugins(new([]*thing)), props)
		if err != nil || len(errs) != 1 || errs[0].Key != c[2] {
			t.Errorf("Compile with %s: errors = %v, %v, want the key refused", c[2], errs, err)
		}
	}
	for _, key := range []string{"offset.storage.topik", "listners", "rest.prot", "plugin.discovry",
		"ssl.cipher.suites", "listeners.https.ssl.cipher.suites", "admin.listeners.https.x", "consumer.fetch.min.byte"} {
		_, err := plan.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
			"offset.storage.file.filename": "f", key: "x"})
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("ParseConfig with %s = %v, want the key refused", key, err)
		}
	}
}
