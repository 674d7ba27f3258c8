package kafkakeys_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams/internal/kafkakeys"
)

func has(name string) bool { return strings.HasPrefix(name, "own.") }

// One client does the work of several, so what is said of one of them is said of it.
func TestPrefixesOfClientsAreTakenAway(t *testing.T) {
	props := map[string]string{
		"own.a": "plain", "consumer.own.a": "consumer", "main.consumer.own.a": "main",
		"producer.own.b": "producer", "own.b": "plain", "consumer.unknown": "x", "restore.consumer.own.c": "x",
	}
	got, errs := kafkakeys.Translate(props, has)
	want := map[string]string{"own.a": "main", "own.b": "producer", "consumer.unknown": "x", "restore.consumer.own.c": "x"}
	if !maps.Equal(got, want) || len(errs) > 0 {
		t.Errorf("Translate = %v, %v, want %v", got, errs, want)
	}
	if props["own.a"] != "plain" {
		t.Error("the properties of the caller were changed")
	}
	if again, _ := kafkakeys.Translate(got, has); !maps.Equal(again, got) {
		t.Errorf("translated again they are %v, want %v", again, got)
	}
}

func TestOneClientHasOneValue(t *testing.T) {
	for value, want := range map[string]int{"1": 0, "2": 1} {
		_, errs := kafkakeys.Translate(map[string]string{"producer.own.a": "1", "consumer.own.a": value}, has)
		if len(errs) != want || want > 0 && !strings.Contains(errs.Error(), "producer.own.a is another value") {
			t.Errorf("producer 1 and consumer %s: %v, want %d errors", value, errs, want)
		}
	}
	_, errs := kafkakeys.Translate(map[string]string{"producer.own.password": "one", "consumer.own.password": "two"}, has)
	if len(errs) != 1 || strings.Contains(errs.Error(), "two") {
		t.Errorf("two passwords: %v, want one error without them", errs)
	}
}

// What would make an app behave otherwise than its configuration says is refused.
func TestWhatThereIsNotIsRefused(t *testing.T) {
	for key, bad := range map[string]string{
		"topology.optimization": "all", "group.protocol": "streams", "dsl.store.format": "HEADERS", "config.providers": "file",
	} {
		_, errs := kafkakeys.Translate(map[string]string{key: bad}, has)
		if len(errs) != 1 || errs[0].Key != key || !strings.Contains(errs.Error(), bad) {
			t.Errorf("%s=%s: %v, want that it is refused", key, bad, errs)
		}
	}
	_, errs := kafkakeys.Translate(map[string]string{"topology.optimization": "none", "group.protocol": "CLASSIC",
		"dsl.store.format": "default", "config.providers": ""}, has)
	if len(errs) > 0 {
		t.Errorf("what is as it is here is refused: %v", errs)
	}
}

func TestConfigurationsOfInternalTopics(t *testing.T) {
	got := kafkakeys.Topics(map[string]string{"topic.min.insync.replicas": "2", "topology.optimization": "none"})
	if !maps.Equal(got, map[string]string{"min.insync.replicas": "2"}) {
		t.Errorf("Topics = %v, want min.insync.replicas", got)
	}
}
