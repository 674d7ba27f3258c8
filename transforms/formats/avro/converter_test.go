package avro

import (
	"bytes"
	pemtext "encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// registry starts a schema registry that counts the requests it gets.
func registry(t *testing.T, opts ...srfake.Option) (*srfake.Registry, *atomic.Int64) {
	r := srfake.New(opts...)
	t.Cleanup(r.Close)
	var n atomic.Int64
	r.Intercept(func(http.ResponseWriter, *http.Request) bool {
		n.Add(1)
		return false
	})
	return r, &n
}

func converter(t *testing.T, isKey bool, props map[string]string) (*Converter, error) {
	t.Helper()
	c, err := Def().Parse(props)
	if err != nil {
		return nil, err
	}
	return NewConverter(c, isKey)
}

func mustConverter(t *testing.T, isKey bool, props map[string]string) *Converter {
	t.Helper()
	c, err := converter(t, isKey, props)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func accessValue() (*data.Schema, map[string]any) {
	return &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
		field("host", prim(data.String)), field("status", opt(data.Int32)),
	}}, map[string]any{"host": "a", "status": int32(200)}
}

func TestConverterWritesConfluentMessages(t *testing.T) {
	r, requests := registry(t)
	c := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL()})
	s, v := accessValue()
	raw, err := c.FromConnect("access", s, v)
	if err != nil {
		t.Fatal(err)
	}
	registered, ok := r.GetSchema("access-value", 1)
	if !ok {
		t.Fatal("no schema is registered for access-value")
	}
	want := append([]byte{0, 0, 0, 0, byte(registered.ID)}, "\x02a\x02\x90\x03"...)
	if !bytes.Equal(raw, want) {
		t.Errorf("FromConnect = %q, want %q", raw, want)
	}
	var header sr.ConfluentHeader
	if id, _, err := header.DecodeID(raw); err != nil || id != registered.ID {
		t.Errorf("the message has schema id %d, %v, want %d", id, err, registered.ID)
	}
	other := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL()})
	for range 3 {
		if _, err := c.FromConnect("access", s, v); err != nil {
			t.Fatal(err)
		}
		gotS, gotV, err := other.ToConnect("access", raw)
		if err != nil || !same(gotV, v) || gotS.Name != "suiro.Access" || len(gotS.Fields) != 2 {
			t.Fatalf("ToConnect = %+v, %v, %v", gotS, gotV, err)
		}
	}
	if got := requests.Load(); got != 2 {
		t.Errorf("%d requests, want one to register and one to read: both are remembered", got)
	}
	if c.Format() != "" {
		t.Errorf("Format() = %q: messages of a registry mean nothing without it", c.Format())
	}
}

func TestConverterNamesSubjectsByStrategy(t *testing.T) {
	r, _ := registry(t)
	s, v := accessValue()
	for _, tt := range []struct {
		isKey          bool
		strategy, want string
	}{
		{false, "", "t-value"}, {true, "", "t-key"},
		{false, "io.confluent.kafka.serializers.subject.RecordNameStrategy", "suiro.Access"},
		{true, "TopicRecordNameStrategy", "t-suiro.Access"},
	} {
		props := map[string]string{"schema.registry.url": r.URL()}
		if tt.strategy != "" {
			props["value.subject.name.strategy"], props["key.subject.name.strategy"] = tt.strategy, tt.strategy
		}
		if _, err := mustConverter(t, tt.isKey, props).FromConnect("t", s, v); err != nil {
			t.Fatal(err)
		}
		if !r.SubjectExists(tt.want) {
			t.Errorf("strategy %q, key %v: no subject %s", tt.strategy, tt.isKey, tt.want)
		}
	}
}

func TestConverterLooksUpOrTakesTheLatest(t *testing.T) {
	r, _ := registry(t)
	s, v := accessValue()
	lookup := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL(), "auto.register.schemas": "false"})
	if _, err := lookup.FromConnect("t", s, v); err == nil || !strings.Contains(err.Error(), "look up the schema of t-value") {
		t.Errorf("unknown schema without registration: %v", err)
	}
	r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeAvro, Schema: `{"type":"record","name":"Access","fields":[` +
		`{"name":"host","type":"string"},{"name":"status","type":["null","int"],"default":null},` +
		`{"name":"more","type":["null","int"],"default":null}]}`})
	latest := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL(),
		"auto.register.schemas": "false", "use.latest.version": "true"})
	raw, err := latest.FromConnect("t", s, v)
	if want := "\x00\x00\x00\x00\x07\x02a\x02\x90\x03\x00"; err != nil || string(raw) != want {
		t.Errorf("FromConnect with the latest schema = %q, %v, want %q", raw, err, want)
	}
}

func TestConverterWithSchemaFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.avsc")
	if err := os.WriteFile(path, []byte(accessSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustConverter(t, false, map[string]string{"schema.file": path})
	if c.Format() != connect.FormatAvro {
		t.Errorf("Format() = %q, want %q", c.Format(), connect.FormatAvro)
	}
	raw, err := picker(t, accessSchema, nil).Append(nil, accessLine)
	if err != nil {
		t.Fatal(err)
	}
	s, v, err := c.ToConnect("t", raw)
	if err != nil || s.Name != "suiro.Access" {
		t.Fatalf("ToConnect = %v, %v, %v", s, v, err)
	}
	back, err := c.FromConnect("t", nil, v)
	if err != nil || !bytes.Equal(back, raw) {
		t.Errorf("FromConnect(ToConnect(x)) = %x, %v, want %x", back, err, raw)
	}
}

func TestConverterCarriesNull(t *testing.T) {
	r, _ := registry(t)
	c := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL()})
	if raw, err := c.FromConnect("t", nil, nil); raw != nil || err != nil {
		t.Errorf("FromConnect of null = %q, %v", raw, err)
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
}

func TestConverterSaysWhatIsWrong(t *testing.T) {
	r, _ := registry(t)
	r.SeedSchema("proto", 1, 3, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3";`})
	c := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL()})
	for raw, want := range map[string]string{
		`{"a":1}`:              "decode avro value for topic t: avro value: message is not Avro of a schema registry",
		"\x00\x00":             "message is not Avro of a schema registry",
		"\x00\x00\x00\x00\x63": "schema registry: read schema 99: " + r.URL() + "/schemas/ids/99 answers 404",
		"\x00\x00\x00\x00\x03": "schema registry: schema 3: avro schema: it is PROTOBUF, want AVRO",
	} {
		_, _, err := c.ToConnect("t", []byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) || connect.IsRetriable(err) {
			t.Errorf("ToConnect(%q): %v, want a final error with %q", raw, err, want)
		}
	}
	if _, err := c.FromConnect("t", nil, map[string]any{"a": 1}); !errors.Is(err, ErrSchema) {
		t.Errorf("data without a schema: %v", err)
	}
}

func TestRegistryIsNotAskedForEachDamagedMessage(t *testing.T) {
	r, requests := registry(t)
	c := mustConverter(t, false, map[string]string{"schema.registry.url": r.URL()})
	for range 5 {
		if _, _, err := c.ToConnect("t", []byte("\x00\x00\x00\x00\x63")); err == nil {
			t.Fatal("an unknown id is decoded")
		}
	}
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests for an id that is not there, want 1", got)
	}
}

func TestConverterRetriesWhatMayGoAway(t *testing.T) {
	s, v := accessValue()
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer busy.Close()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	locked, _ := registry(t, srfake.WithAuth("Bearer secret"))
	for url, want := range map[string]string{
		down.URL: "connection refused", busy.URL: "answers 503", locked.URL(): "check basic.auth.user.info",
		elsewhere.URL: "check schema.registry.url",
	} {
		c := mustConverter(t, false, map[string]string{"schema.registry.url": url})
		_, err := c.FromConnect("t", s, v)
		if !connect.IsRetriable(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("registry away: %v, want a retriable error with %q", err, want)
		}
		_, _, err = c.ToConnect("t", []byte("\x00\x00\x00\x00\x01x"))
		if !connect.IsRetriable(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("registry away: %v, want a retriable error with %q", err, want)
		}
	}
	r, _ := registry(t)
	up := mustConverter(t, false, map[string]string{"schema.registry.url": down.URL + "," + r.URL()})
	if _, err := up.FromConnect("t", s, v); err != nil {
		t.Errorf("one of two registries away: %v", err)
	}
}

func TestConverterSaysThatASchemaIsNotCompatible(t *testing.T) {
	incompatible := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"error_code":409,"message":"Schema being registered is incompatible"}`)
	}))
	defer incompatible.Close()
	s, v := accessValue()
	_, err := mustConverter(t, false, map[string]string{"schema.registry.url": incompatible.URL}).FromConnect("t", s, v)
	if err == nil || connect.IsRetriable(err) || !strings.Contains(err.Error(), "not compatible with earlier ones") {
		t.Errorf("incompatible schema: %v, want a final error", err)
	}
}

func TestConverterSendsCredentials(t *testing.T) {
	s, v := accessValue()
	basic, _ := registry(t, srfake.WithAuth("Basic dTpwOnc=")) // u:p:w
	bearer, _ := registry(t, srfake.WithAuth("Bearer secret"))
	for name, props := range map[string]map[string]string{
		"user info": {"schema.registry.url": basic.URL(), "basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "u:p:w"},
		"url":       {"schema.registry.url": strings.Replace(basic.URL(), "://", "://u:p%3Aw@", 1)},
		"bearer":    {"schema.registry.url": bearer.URL(), "bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.token": "secret"},
	} {
		if _, err := mustConverter(t, false, props).FromConnect("t", s, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := mustConverter(t, false, map[string]string{"schema.registry.url": basic.URL()}).FromConnect("t", s, v)
	if err == nil || !strings.Contains(err.Error(), "answers 401") || !strings.Contains(err.Error(), "check basic.auth.user.info") {
		t.Errorf("without credentials: %v", err)
	}
}

func TestConverterTrustsTheAuthorityGiven(t *testing.T) {
	r, _ := registry(t)
	server := httptest.NewUnstartedServer(r.Handler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the client that does not trust it
	server.StartTLS()
	defer server.Close()
	s, v := accessValue()
	pem := filepath.Join(t.TempDir(), "ca.pem")
	text := pemtext.EncodeToMemory(&pemtext.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(pem, text, 0o600); err != nil {
		t.Fatal(err)
	}
	props := map[string]string{"schema.registry.url": server.URL, "schema.registry.ssl.truststore.location": pem}
	if _, err := mustConverter(t, false, props).FromConnect("t", s, v); err != nil {
		t.Errorf("trusted authority: %v", err)
	}
	delete(props, "schema.registry.ssl.truststore.location")
	if _, err := mustConverter(t, false, props).FromConnect("t", s, v); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("unknown authority: %v", err)
	}
	props["schema.registry.ssl.truststore.location"] = filepath.Join(t.TempDir(), "none.pem")
	if _, err := converter(t, false, props); err == nil || !strings.Contains(err.Error(), "truststore.location") {
		t.Errorf("no such file: %v", err)
	}
}

func TestConfigIsRefusedWithReason(t *testing.T) {
	for _, tt := range []struct {
		props map[string]string
		want  string
	}{
		{map[string]string{}, "give the address of a schema registry, or an Avro schema in schema.file"},
		{map[string]string{"schema.file": "x", "schema.registry.url": "http://x"}, "choose one"},
		{map[string]string{"schema.file": "/no/such/file"}, "schema.file: open /no/such/file"},
		{map[string]string{"schema.registry.url": "ftp://x"}, "want http://host:port or https://host:port"},
		{map[string]string{"schema.registry.url": "http://a:b@x,http://c:d@y"}, "different users"},
		{map[string]string{"schema.registry.url": "http://x", "use.latest.version": "true"}, "set auto.register.schemas to false"},
		{map[string]string{"schema.registry.url": "http://x", "basic.auth.credentials.source": "USER_INFO"}, "want user:password"},
		{map[string]string{"schema.registry.url": "http://x", "bearer.auth.credentials.source": "STATIC_TOKEN"}, "give a token"},
		{map[string]string{"schema.registry.url": "http://x", "value.subject.name.strategy": "Other"}, "TopicNameStrategy"},
	} {
		_, err := converter(t, false, tt.props)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.props, err, tt.want)
		}
	}
}
