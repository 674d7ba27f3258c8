package converters

import (
	"bytes"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// registryServer starts a schema registry.
func registryServer(t *testing.T) *srfake.Registry {
	r := srfake.New()
	t.Cleanup(r.Close)
	return r
}

func avroConverter(t *testing.T, isKey bool, props map[string]string) (*Avro, error) {
	t.Helper()
	c, err := AvroDef().Parse(props)
	if err != nil {
		return nil, err
	}
	return NewAvro(c, isKey)
}

func mustAvro(t *testing.T, isKey bool, props map[string]string) *Avro {
	t.Helper()
	c, err := avroConverter(t, isKey, props)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const fileSchema = `{"type":"record","name":"Access","namespace":"suiro","fields":[
	{"name":"host","type":"string"},
	{"name":"status","type":"int"},
	{"name":"size","type":["null","long"],"default":null}]}`

func TestAvroWithSchemaFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.avsc")
	if err := os.WriteFile(path, []byte(fileSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustAvro(t, false, map[string]string{"schema.file": path})
	if c.Format() != connect.FormatAvro {
		t.Errorf("Format() = %q, want %q", c.Format(), connect.FormatAvro)
	}
	raw := []byte("\nweb-1\x90\x03\x00")
	s, v, err := c.ToConnect("t", raw)
	if err != nil || s.Name != "suiro.Access" {
		t.Fatalf("ToConnect = %v, %v, %v", s, v, err)
	}
	back, err := c.FromConnect("t", nil, v)
	if err != nil || !bytes.Equal(back, raw) {
		t.Errorf("FromConnect(ToConnect(x)) = %x, %v, want %x", back, err, raw)
	}
}

func TestAvroCarriesNull(t *testing.T) {
	r := registryServer(t)
	c := mustAvro(t, false, map[string]string{"schema.registry.url": r.URL()})
	if raw, err := c.FromConnect("t", nil, nil); raw != nil || err != nil {
		t.Errorf("FromConnect of null = %q, %v", raw, err)
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
}

func TestAvroSaysWhatIsWrong(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("proto", 1, 3, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3";`})
	c := mustAvro(t, false, map[string]string{"schema.registry.url": r.URL()})
	for raw, want := range map[string]string{
		`{"a":1}`:              "decode avro value for topic t: avro value: the message is not Avro with a schema registry",
		"\x00\x00":             "the message is not Avro with a schema registry",
		"\x00\x00\x00\x00\x63": "schema registry: read schema 99: " + r.URL() + "/schemas/ids/99 answers 404",
		"\x00\x00\x00\x00\x03": "schema registry: schema 3: avro schema: the schema is PROTOBUF, want AVRO",
	} {
		_, _, err := c.ToConnect("t", []byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) || connect.IsRetriable(err) {
			t.Errorf("ToConnect(%q): %v, want a final error with %q", raw, err, want)
		}
	}
	if _, err := c.FromConnect("t", nil, map[string]any{"a": 1}); !errors.Is(err, avro.ErrSchema) {
		t.Errorf("data without a schema: %v", err)
	}
}

func TestAvroConfigIsRefusedWithReason(t *testing.T) {
	for _, tt := range []struct {
		props map[string]string
		want  string
	}{
		{map[string]string{}, "give the address of a schema registry, or a file with an Avro schema in schema.file"},
		{map[string]string{"schema.file": "x", "schema.registry.url": "http://x"}, "choose one"},
		{map[string]string{"schema.file": "/no/such/file"}, "schema.file: open /no/such/file"},
		{map[string]string{"schema.registry.url": "ftp://x"}, "want http://host:port or https://host:port"},
		{map[string]string{"schema.registry.url": "http://a:b@x,http://c:d@y"}, "different users"},
		{map[string]string{"schema.registry.url": "http://x", "use.latest.version": "true"},
			"set auto.register.schemas to false"},
		{map[string]string{"schema.registry.url": "http://x", "use.schema.id": "7"}, "set auto.register.schemas to false"},
		{map[string]string{"schema.registry.url": "http://x", "use.schema.id": "7", "use.latest.version": "true",
			"auto.register.schemas": "false"}, "choose one"},
		{map[string]string{"schema.registry.url": "http://x", "proxy.host": "p"}, "a port in proxy.port"},
		{map[string]string{"schema.registry.url": "http://x", "basic.auth.credentials.source": "USER_INFO"},
			"want user:password"},
		{map[string]string{"schema.registry.url": "http://x", "bearer.auth.credentials.source": "STATIC_TOKEN"},
			"give a token"},
		{map[string]string{"schema.registry.url": "http://x", "value.subject.name.strategy": "Other"}, "TopicNameStrategy"},
	} {
		_, err := avroConverter(t, false, tt.props)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.props, err, tt.want)
		}
	}
}

// TestAvroTakesConfigurationsForConfluentsConverter: a key that has no effect
// here must not stop a connector.
func TestAvroTakesConfigurationsForConfluentsConverter(t *testing.T) {
	props := map[string]string{"schema.registry.url": "http://x", "enhanced.avro.schema.support": "true",
		"connect.meta.data": "false", "scrub.invalid.names": "true", "flatten.singleton.unions": "false",
		"latest.compatibility.strict": "false", "id.compatibility.strict": "false", "latest.cache.size": "10",
		"max.schemas.per.subject": "10", "max.retries": "5", "retries.wait.ms": "10", "retries.max.wait.ms": "100"}
	if unknown := AvroDef().Unknown(props); len(unknown) > 0 {
		t.Errorf("keys of Confluent's converter are refused: %v", unknown)
	}
	mustAvro(t, false, props)
}

func TestAvroNamesTheTypesOfAUnionAsConfluentsConverterDoes(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("place", 1, 1, sr.Schema{Type: sr.TypeAvro,
		Schema: `{"type":"record","name":"Place","namespace":"x.y","fields":[{"name":"host","type":"string"}]}`})
	r.SeedSchema("t-value", 1, 2, sr.Schema{Type: sr.TypeAvro, Schema: `["int","x.y.Place",` +
		`{"type":"enum","name":"Level","namespace":"z","symbols":["LOW"]},{"type":"fixed","name":"Hash","size":1}]`,
		References: []sr.SchemaReference{{Name: "x.y.Place", Subject: "place", Version: 1}}})
	raw := []byte("\x00\x00\x00\x00\x02\x02\x02a")
	place := map[string]any{"host": "a"}
	for enhanced, want := range map[string]map[string]any{
		"false": {"int": nil, "Place": place, "Level": nil, "Hash": nil},
		"true":  {"int": nil, "x.y.Place": place, "z.Level": nil, "Hash": nil},
	} {
		c := mustAvro(t, false, map[string]string{"schema.registry.url": r.URL(), "enhanced.avro.schema.support": enhanced})
		s, v, err := c.ToConnect("t", raw)
		if err != nil || !data.Equal(v, want) {
			t.Errorf("enhanced.avro.schema.support=%s: %v, %v, want %v", enhanced, v, err, want)
			continue
		}
		back, err := c.FromConnect("u", s, v)
		if err != nil || !bytes.Equal(back[5:], raw[5:]) {
			t.Errorf("enhanced.avro.schema.support=%s: written again as %x, %v, want the datum of %x", enhanced, back, err, raw)
		}
	}
}

func TestAvroContract(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.avsc")
	if err := os.WriteFile(path, []byte(fileSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	union := &data.Schema{Kind: data.Struct, Name: avro.UnionName, Fields: []data.Field{
		{Name: "int", Schema: &data.Schema{Kind: data.Int32, Optional: true}},
		{Name: "string", Schema: &data.Schema{Kind: data.String, Optional: true}}}}
	record := &data.Schema{Kind: data.Struct, Name: "suiro.R", Fields: []data.Field{
		{Name: "x-at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}},
		{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Optional: true,
			Parameters: map[string]string{"scale": "2"}}},
		{Name: "u", Schema: union}}}
	at := time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	t.Run("registry", func(t *testing.T) {
		r := registryServer(t)
		connecttest.RunConverter(t, func(t *testing.T) connect.Converter {
			return mustAvro(t, false, map[string]string{"schema.registry.url": r.URL(),
				"value.subject.name.strategy": "TopicNameStrategy"})
		}, connecttest.Value{Schema: record, Data: map[string]any{"x-at": at, "price": big.NewRat(156, 100),
			"u": map[string]any{"int": nil, "string": "水路"}}})
	})
	t.Run("file", func(t *testing.T) {
		connecttest.RunConverter(t, func(t *testing.T) connect.Converter {
			return mustAvro(t, false, map[string]string{"schema.file": path})
		}, connecttest.Value{Data: map[string]any{"host": "web-1", "status": int32(200), "size": nil}})
	})
}
