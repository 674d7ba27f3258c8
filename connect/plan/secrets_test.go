package plan_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
)

// secretWorker is a worker with a provider of files, and the path of a file.
func secretWorker(t *testing.T, more map[string]string) (w *plan.Worker, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "secrets.properties")
	if err := os.WriteFile(file, []byte("number=17\nword=tiptop\nconverter=JSON\nbrokers=kafka:9092\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	props := map[string]string{"config.providers": "file", "config.providers.file.class": "FileConfigProvider"}
	for key, value := range more {
		props[key] = strings.ReplaceAll(value, "FILE", file)
	}
	return parseWorker(t, props), file
}

func TestReferencesAreResolvedAndShownAsWritten(t *testing.T) {
	w, file := secretWorker(t, map[string]string{"value.converter": "${file:FILE:converter}",
		"bootstrap.servers": "${file:FILE:brokers}"})
	ref := "${file:" + file + ":number}"
	props := sinkProps("own", ref, "transforms", "a", "transforms.a.type", "DropOdd")
	c, _ := compile(t, w, props)
	if got := c.Values.Int("own"); got != 17 || c.Value.Class != "JSON" {
		t.Errorf("own = %d, value converter %s, want 17 and JSON", got, c.Value.Class)
	}
	if c.Props["own"] != ref {
		t.Errorf("the plan's properties hold %q, want the reference", c.Props["own"])
	}
	got := answers(t, w, plugins(new([]*thing)), props)
	if v := got["own"].Value; v == nil || *v != ref {
		t.Errorf("answer for own = %+v, want the reference", got["own"])
	}
}

func TestAReferenceWithoutAProviderIsRefused(t *testing.T) {
	w := parseWorker(t, nil)
	_, errs, err := plan.Compile(w, plugins(new([]*thing)), sinkProps("own", "${file:/etc/suiro/x.properties:number}", "tasks.max", "0"))
	if err != nil || len(errs) != 2 || !strings.Contains(errs.Error(), `has no config provider "file" to resolve it: set config.providers=file`) {
		t.Errorf("errors = %v, %v, want the reference and tasks.max refused", errs, err)
	}
	_, err = plan.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
		"offset.storage.file.filename": "f", "sasl.password": "${vault:kafka:password}"})
	if err == nil || !strings.Contains(err.Error(), `has no config provider "vault"`) {
		t.Errorf("ParseConfig = %v, want the reference refused", err)
	}
}

// Whatever is wrong with what was resolved, no answer holds it.
func TestNoAnswerHoldsWhatWasResolved(t *testing.T) {
	w, file := secretWorker(t, map[string]string{"value.converter.schemas.enable": "false"})
	word := "${file:" + file + ":word}"
	for _, key := range []string{"own", "tasks.max", "errors.tolerance", "key.converter", "connector.class",
		"consumer.override.max.poll.records", "consumer.override.security.protocol",
		"value.converter.schemas.enable"} {
		props := sinkProps(key, word)
		_, errs, err := plan.Compile(w, plugins(new([]*thing)), props)
		if len(errs) == 0 && err == nil {
			t.Errorf("%s: no error", key)
		}
		if err != nil && strings.Contains(err.Error(), "tiptop") || strings.Contains(errs.Error(), "tiptop") {
			t.Errorf("%s: errors %v, %v hold what was resolved", key, errs, err)
		}
		results, err := plan.Validate(w, plugins(new([]*thing)), props)
		if err != nil && strings.Contains(err.Error(), "tiptop") {
			t.Errorf("%s: Validate = %v", key, err)
		}
		for _, r := range results {
			if r.Value != nil && strings.Contains(*r.Value, "tiptop") || strings.Contains(r.Errors.Error(), "tiptop") {
				t.Errorf("%s: the answer %+v holds what was resolved", key, r)
			}
			if twice := len(r.Errors) > 1; twice {
				t.Errorf("%s: errors of %s come twice: %v", key, r.Key.Name, r.Errors)
			}
		}
	}
	_, err := plan.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
		"config.providers": "file", "config.providers.file.class": "FileConfigProvider",
		"offset.storage.file.filename": "f", "offset.flush.interval.ms": word, "producer.linger.ms": word})
	if errs, ok := err.(config.Errors); !ok || len(errs) != 2 || strings.Contains(err.Error(), "tiptop") {
		t.Errorf("ParseConfig = %v, want two errors without what was resolved", err)
	}
}

// A connector that cannot run here is shown without its secrets all the same.
func TestAMaskHidesTheSecretsOfAConnectorThatCannotRun(t *testing.T) {
	props := map[string]string{"name": "x", "connector.class": "io.example.NotHere", "topics": "t",
		"consumer.override.sasl.jaas.config": "change-me-please", "tasks.max": "none"}
	m := plan.MaskOf(parseWorker(t, nil), plugins(new([]*thing)), props)
	shown := m.Show(props)
	if got, want := shown["consumer.override.sasl.jaas.config"], "[hidden]"; got != want {
		t.Errorf("shown = %q, want %q", got, want)
	}
	if got := m.Restore(shown); !maps.Equal(got, props) {
		t.Errorf("Restore = %v, want %v", got, props)
	}
	if got := m.HideText("refused: change-me-please"); strings.Contains(got, "change-me") {
		t.Errorf("HideText = %q, want the secret hidden", got)
	}
}
