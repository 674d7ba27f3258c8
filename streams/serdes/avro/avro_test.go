package avro_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/suiro/suiro/streams/serdes/avro"
)

const schema = `{"type":"record","name":"Access","fields":[{"name":"host","type":"string"},{"name":"status","type":"int"}]}`

var access = map[string]any{"host": "a", "status": int32(200)}

func TestSchemaWritesTheDatumAlone(t *testing.T) {
	s, err := avro.Schema(schema)
	if err != nil {
		t.Fatal(err)
	}
	data, err := s.Serialize(access)
	if err != nil || string(data) != "\x02a\x90\x03" {
		t.Errorf("written as %x (%v), want 026190 03", data, err)
	}
	if got, err := s.Deserialize(data); err != nil || !reflect.DeepEqual(got, access) {
		t.Errorf("read as %v (%v), want %v", got, err, access)
	}
	if _, err := avro.Schema("{"); err == nil {
		t.Error("half a schema is taken")
	}
}

// open returns a serde for a registry that was just started, with its properties.
func open(t *testing.T) (*avro.RegistrySerde, map[string]string) {
	t.Helper()
	r := srfake.New()
	t.Cleanup(r.Close)
	properties := map[string]string{"schema.registry.url": r.URL()}
	s, err := avro.Registry(properties, false, schema)
	if err != nil {
		t.Fatal(err)
	}
	return s, properties
}

func TestRegistrySerdeReadsWhatAnyTopicHas(t *testing.T) {
	s, properties := open(t)
	data, headers, err := s.SerializeRecord("in", nil, access)
	if err != nil || len(headers) > 0 || !strings.HasPrefix(string(data), "\x00\x00\x00\x00") {
		t.Fatalf("written as %x with headers %v (%v), want the id of a schema in front", data, headers, err)
	}
	reader, err := avro.Registry(properties, false, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := reader.DeserializeRecord("other", nil, data); err != nil || !reflect.DeepEqual(got, access) {
		t.Errorf("read as %v (%v), want %v", got, err, access)
	}
	if _, _, err := reader.SerializeRecord("in", nil, access); err == nil || !strings.Contains(err.Error(), "no schema") {
		t.Errorf("error %v, want that the serde has no schema", err)
	}
}

func TestRegistrySerdeInAStoreNeedsATopic(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Serialize(access); err == nil || !strings.Contains(err.Error(), "ForTopic") {
		t.Errorf("error %v, want one that names ForTopic", err)
	}
	store := s.ForTopic("app-kept-changelog")
	data, err := store.Serialize(access)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.Deserialize(data); err != nil || !reflect.DeepEqual(got, access) {
		t.Errorf("read as %v (%v), want %v", got, err, access)
	}
}

func TestRegistrySerdeThatCannotBeIsRefused(t *testing.T) {
	_, properties := open(t)
	for want, open := range map[string]func() error{
		"schema.registry.url": func() error { _, err := avro.Registry(nil, false, schema); return err },
		"avro serde":          func() error { _, err := avro.Registry(properties, true, "{"); return err },
		"use.latest.version": func() error {
			_, err := avro.Registry(map[string]string{"schema.registry.url": properties["schema.registry.url"],
				"use.latest.version": "true"}, false, schema)
			return err
		},
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func FuzzSchema(f *testing.F) {
	f.Add([]byte("\x02a\x90\x03"))
	s, err := avro.Schema(schema)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := s.Deserialize(b)
		if err != nil {
			return
		}
		data, err := s.Serialize(v)
		if err != nil && strings.Contains(err.Error(), "not UTF-8") {
			return // text that others wrote so is read, and is not written
		}
		if err != nil {
			t.Fatalf("%v is not written again: %v", v, err)
		}
		if again, err := s.Deserialize(data); err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%v came back as %v (%v)", v, again, err)
		}
	})
}
