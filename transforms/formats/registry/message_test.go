package registry

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
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
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

func open(t *testing.T, isKey bool, props map[string]string) (*Messages, error) {
	t.Helper()
	c, err := config.New(Keys()...).Parse(props)
	if err != nil {
		return nil, err
	}
	return OpenMessages(c, isKey, Avro(avro.Reading{}))
}

func mustOpen(t *testing.T, isKey bool, props map[string]string) *Messages {
	t.Helper()
	m, err := open(t, isKey, props)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func accessValue() (*data.Schema, map[string]any) {
	return &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
		avrotest.Field("host", avrotest.Prim(data.String)), avrotest.Field("status", avrotest.Optional(data.Int32)),
	}}, map[string]any{"host": "a", "status": int32(200)}
}

func TestMessagesWritesConfluentMessages(t *testing.T) {
	r, requests := registry(t)
	c := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	s, v := accessValue()
	raw, err := c.Encode("access", s, v)
	if err != nil {
		t.Fatal(err)
	}
	registered, ok := r.GetSchema("access-value", 1)
	if !ok {
		t.Fatal("no schema is registered for access-value")
	}
	want := append([]byte{0, 0, 0, 0, byte(registered.ID)}, "\x02a\x02\x90\x03"...)
	if !bytes.Equal(raw, want) {
		t.Errorf("Encode = %q, want %q", raw, want)
	}
	var header sr.ConfluentHeader
	if id, _, err := header.DecodeID(raw); err != nil || id != registered.ID {
		t.Errorf("the message has schema id %d, %v, want %d", id, err, registered.ID)
	}
	other := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	for range 3 {
		if _, err := c.Encode("access", s, v); err != nil {
			t.Fatal(err)
		}
		gotS, gotV, err := other.Decode(raw)
		if err != nil || !avrotest.Same(gotV, v) || gotS.Name != "suiro.Access" || len(gotS.Fields) != 2 {
			t.Fatalf("Decode = %+v, %v, %v", gotS, gotV, err)
		}
	}
	if got := requests.Load(); got != 2 {
		t.Errorf("%d requests, want one to register and one to read: both are remembered", got)
	}
}

func TestClientRemembersNoMoreThanItMay(t *testing.T) {
	r, requests := registry(t)
	m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL(), "schemas.cache.config": "2"})
	kinds := []data.Kind{data.Int16, data.Int32, data.Int64, data.Int16}
	var messages [][]byte
	for _, k := range kinds {
		raw, err := m.Encode(k.String(), avrotest.Prim(k), k.Sized(0))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, raw)
	}
	if got := requests.Swap(0); got != 4 {
		t.Errorf("%d requests to write four messages of three schemas, want 4: only two are remembered", got)
	}
	for _, raw := range messages {
		if _, _, err := m.Decode(raw); err != nil {
			t.Fatal(err)
		}
	}
	if got := requests.Load(); got != 4 {
		t.Errorf("%d requests to read four messages of three schemas, want 4: only two are remembered", got)
	}
}

func TestDecodeRefusesAnIDBelowZeroForGood(t *testing.T) {
	r, requests := registry(t)
	m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	_, _, err := m.Decode([]byte("\x00\xff\xff\xff\xff\x02"))
	if n := requests.Load(); n != 0 || !errors.Is(err, avro.ErrValue) || connect.IsRetriable(err) {
		t.Errorf("error = %v after %d requests, want an ErrValue that is not retriable, without a request", err, n)
	}
}

func TestMessagesNamesSubjectsByStrategy(t *testing.T) {
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
		if _, err := mustOpen(t, tt.isKey, props).Encode("t", s, v); err != nil {
			t.Fatal(err)
		}
		if !r.SubjectExists(tt.want) {
			t.Errorf("strategy %q, key %v: no subject %s", tt.strategy, tt.isKey, tt.want)
		}
	}
}

func TestMessagesLooksUpOrTakesTheLatest(t *testing.T) {
	r, _ := registry(t)
	s, v := accessValue()
	lookup := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL(), "auto.register.schemas": "false"})
	if _, err := lookup.Encode("t", s, v); err == nil || !strings.Contains(err.Error(), "look up the schema of t-value") {
		t.Errorf("unknown schema without registration: %v", err)
	}
	r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeAvro, Schema: `{"type":"record","name":"Access","fields":[` +
		`{"name":"host","type":"string"},{"name":"status","type":["null","int"],"default":null},` +
		`{"name":"more","type":["null","int"],"default":null}]}`})
	latest := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL(),
		"auto.register.schemas": "false", "use.latest.version": "true"})
	raw, err := latest.Encode("t", s, v)
	if want := "\x00\x00\x00\x00\x07\x02a\x02\x90\x03\x00"; err != nil || string(raw) != want {
		t.Errorf("Encode with the latest schema = %q, %v, want %q", raw, err, want)
	}
}

func TestRegistryIsNotAskedForEachDamagedMessage(t *testing.T) {
	r, requests := registry(t)
	c := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	for range 5 {
		if _, _, err := c.Decode([]byte("\x00\x00\x00\x00\x63")); err == nil {
			t.Fatal("an unknown id is decoded")
		}
	}
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests for an id that is not there, want 1", got)
	}
}

func TestMessagesRetriesWhatMayGoAway(t *testing.T) {
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
		c := mustOpen(t, false, map[string]string{"schema.registry.url": url})
		_, err := c.Encode("t", s, v)
		if !connect.IsRetriable(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("registry away: %v, want a retriable error with %q", err, want)
		}
		_, _, err = c.Decode([]byte("\x00\x00\x00\x00\x01x"))
		if !connect.IsRetriable(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("registry away: %v, want a retriable error with %q", err, want)
		}
	}
	r, _ := registry(t)
	up := mustOpen(t, false, map[string]string{"schema.registry.url": down.URL + "," + r.URL()})
	if _, err := up.Encode("t", s, v); err != nil {
		t.Errorf("one of two registries away: %v", err)
	}
}

func TestMessagesSaysThatASchemaIsNotCompatible(t *testing.T) {
	incompatible := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"error_code":409,"message":"Schema being registered is incompatible"}`)
	}))
	defer incompatible.Close()
	s, v := accessValue()
	_, err := mustOpen(t, false, map[string]string{"schema.registry.url": incompatible.URL}).Encode("t", s, v)
	if err == nil || connect.IsRetriable(err) || !strings.Contains(err.Error(), "not compatible with earlier ones") {
		t.Errorf("incompatible schema: %v, want a final error", err)
	}
}

func TestMessagesSendsCredentials(t *testing.T) {
	s, v := accessValue()
	basic, _ := registry(t, srfake.WithAuth("Basic dTpwOnc=")) // u:p:w
	bearer, _ := registry(t, srfake.WithAuth("Bearer secret"))
	for name, props := range map[string]map[string]string{
		"user info": {"schema.registry.url": basic.URL(), "basic.auth.credentials.source": "USER_INFO",
			"basic.auth.user.info": "u:p:w"},
		"url": {"schema.registry.url": strings.Replace(basic.URL(), "://", "://u:p%3Aw@", 1)},
		"bearer": {"schema.registry.url": bearer.URL(), "bearer.auth.credentials.source": "STATIC_TOKEN",
			"bearer.auth.token": "secret"},
	} {
		if _, err := mustOpen(t, false, props).Encode("t", s, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := mustOpen(t, false, map[string]string{"schema.registry.url": basic.URL()}).Encode("t", s, v)
	if err == nil || !strings.Contains(err.Error(), "answers 401") ||
		!strings.Contains(err.Error(), "check basic.auth.user.info") {
		t.Errorf("without credentials: %v", err)
	}
}

func TestMessagesTrustsTheAuthorityGiven(t *testing.T) {
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
	if _, err := mustOpen(t, false, props).Encode("t", s, v); err != nil {
		t.Errorf("trusted authority: %v", err)
	}
	delete(props, "schema.registry.ssl.truststore.location")
	if _, err := mustOpen(t, false, props).Encode("t", s, v); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("unknown authority: %v", err)
	}
	props["schema.registry.ssl.truststore.location"] = filepath.Join(t.TempDir(), "none.pem")
	if _, err := open(t, false, props); err == nil || !strings.Contains(err.Error(), "truststore.location") {
		t.Errorf("no such file: %v", err)
	}
}

// TestMessagesOfSchemasWithReferences: events of several types in one topic are
// a union of schemas that other subjects hold.
func TestMessagesOfSchemasWithReferences(t *testing.T) {
	r, requests := registry(t)
	r.SeedSchema("place", 1, 1, sr.Schema{Type: sr.TypeAvro,
		Schema: `{"type":"record","name":"Place","namespace":"x","fields":[{"name":"host","type":"string"}]}`})
	place := []sr.SchemaReference{{Name: "x.Place", Subject: "place", Version: 1}}
	r.SeedSchema("login", 1, 2, sr.Schema{Type: sr.TypeAvro, References: place,
		Schema: `{"type":"record","name":"Login","namespace":"x","fields":[{"name":"at","type":"Place"}]}`})
	r.SeedSchema("logout", 1, 3, sr.Schema{Type: sr.TypeAvro, References: place,
		Schema: `{"type":"record","name":"Logout","namespace":"x","fields":[{"name":"from","type":"x.Place"}]}`})
	r.SeedSchema("t-value", 1, 4, sr.Schema{Type: sr.TypeAvro, Schema: `["x.Login","x.Logout"]`,
		References: []sr.SchemaReference{{Name: "x.Login", Subject: "login", Version: 1},
			{Name: "x.Logout", Subject: "logout", Version: 1}}})
	m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	for range 2 {
		s, v, err := m.Decode([]byte("\x00\x00\x00\x00\x04\x02\x02a"))
		want := map[string]any{"Login": nil, "Logout": map[string]any{"from": map[string]any{"host": "a"}}}
		if err != nil || !avrotest.Same(v, want) || s.Name != "io.confluent.connect.avro.Union" {
			t.Fatalf("Decode = %v, %v, %v, want %v", s, v, err, want)
		}
	}
	if got := requests.Load(); got != 4 {
		t.Errorf("%d requests, want one for each schema", got)
	}
}

func TestMessagesSayWhichReferenceIsMissing(t *testing.T) {
	missing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/schemas/ids/4" {
			io.WriteString(w, `{"schema":"[\"int\",\"x.A\"]","references":[{"name":"x.A","subject":"a","version":7}]}`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error_code":40402,"message":"Version not found."}`)
	}))
	defer missing.Close()
	m := mustOpen(t, false, map[string]string{"schema.registry.url": missing.URL})
	_, _, err := m.Decode([]byte("\x00\x00\x00\x00\x04\x00"))
	if want := "read version 7 of a, which the schema refers to as x.A"; err == nil || connect.IsRetriable(err) ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("a reference that is not there: %v, want a final error with %q", err, want)
	}
}
