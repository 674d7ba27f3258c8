//go:build integration

package converters

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// aRegistry is a real schema registry, and a client of it that is not ours.
type aRegistry struct {
	url    string
	client *sr.Client
}

func realRegistry(t *testing.T) aRegistry { return registryAt(t, servicetest.RealRegistry(t)) }

func registryAt(t *testing.T, url string) aRegistry {
	t.Helper()
	client, err := sr.NewClient(sr.URLs(url))
	if err != nil {
		t.Fatal(err)
	}
	return aRegistry{url, client}
}

// converter opens a converter of values that remembers nothing yet.
func (r aRegistry) converter(t *testing.T, props map[string]string) *Avro {
	t.Helper()
	all := map[string]string{"schema.registry.url": r.url}
	maps.Copy(all, props)
	return mustAvro(t, false, all)
}

// register registers a schema as another program would.
func (r aRegistry) register(t *testing.T, subject, text string, references ...sr.SchemaReference) int {
	t.Helper()
	s, err := r.client.CreateSchema(t.Context(), subject, sr.Schema{Schema: text, References: references})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

// versions returns how many schemas a subject has.
func (r aRegistry) versions(t *testing.T, subject string) int {
	t.Helper()
	v, err := r.client.SubjectVersions(t.Context(), subject)
	var answer *sr.ResponseError
	if err != nil && (!errors.As(err, &answer) || answer.StatusCode != http.StatusNotFound) {
		t.Fatal(err)
	}
	return len(v)
}

// unused makes a name that the registry, which other runs have used, does not know.
func unused(name string) string { return fmt.Sprintf("%s%d", name, time.Now().UnixNano()) }

func idOf(raw []byte) int { return int(raw[1])<<24 | int(raw[2])<<16 | int(raw[3])<<8 | int(raw[4]) }

func write(t *testing.T, c *Avro, topic string, s *data.Schema, v any) []byte {
	t.Helper()
	raw, err := c.FromConnect(topic, s, v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func wantRead(t *testing.T, c *Avro, raw []byte, want any) *data.Schema {
	t.Helper()
	s, v, err := c.ToConnect("t", raw)
	if err != nil || !data.Equal(v, want) {
		t.Errorf("ToConnect(%x) = %v, %v, want %v", raw, v, err, want)
	}
	return s
}

func structOf(name string, fields ...data.Field) *data.Schema {
	return &data.Schema{Kind: data.Struct, Name: name, Fields: fields}
}

func field(name string, kind data.Kind) data.Field {
	return data.Field{Name: name, Schema: &data.Schema{Kind: kind}}
}

// everything is a text that another program may have registered, and a value of it.
const everything = `{"type":"record","name":"Everything","namespace":"x","fields":[
	{"name":"small","type":{"type":"int","connect.type":"int8"}},{"name":"flag","type":"boolean"},
	{"name":"ratio","type":"double"},{"name":"raw","type":"bytes"},{"name":"text","type":["null","string"],"default":null},
	{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":8,"scale":2}},
	{"name":"level","type":{"type":"enum","name":"Level","symbols":["LOW","HIGH"]}},
	{"name":"hash","type":{"type":"fixed","name":"Hash","size":4}},
	{"name":"tags","type":{"type":"array","items":"string"}},{"name":"sizes","type":{"type":"map","values":"long"}},
	{"name":"either","type":["null","int","string","Level","Hash",{"type":"record","name":"In","fields":[{"name":"a","type":"int"}]}],
		"default":null}]}`

func everythingValue(either any) map[string]any {
	return map[string]any{"small": int8(-3), "flag": true, "ratio": 0.5, "raw": []byte{0, 255}, "text": "水路",
		"at": time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC), "price": big.NewRat(156, 100), "level": "HIGH",
		"hash": []byte("abcd"), "tags": []any{"a", "b"}, "sizes": map[string]any{"a": int64(1)}, "either": either}
}

func branch(name string, v any) map[string]any {
	m := map[string]any{"int": nil, "string": nil, "Level": nil, "Hash": nil, "In": nil}
	m[name] = v
	return m
}

func TestAvroOnARealRegistryKeepsEverySchemaAndValue(t *testing.T) {
	r := realRegistry(t)
	topic := unused("everything")
	text := strings.Replace(everything, `"namespace":"x"`, fmt.Sprintf(`"namespace":%q`, unused("x")), 1)
	id := r.register(t, topic+"-value", text)
	schema, err := avro.ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	given := r.converter(t, map[string]string{"auto.register.schemas": "false", "use.schema.id": fmt.Sprint(id)})
	own := r.converter(t, nil)
	for name, either := range map[string]any{"null": nil, "int": branch("int", int32(7)), "string": branch("string", "s"),
		"enum": branch("Level", "LOW"), "fixed": branch("Hash", []byte("wxyz")),
		"record": branch("In", map[string]any{"a": int32(1)})} {
		t.Run(name, func(t *testing.T) {
			v := everythingValue(either)
			raw := write(t, given, topic, nil, v)
			if got := idOf(raw); got != id {
				t.Errorf("written with schema %d, want %d", got, id)
			}
			read := wantRead(t, r.converter(t, nil), raw, v)
			if !read.Equal(schema) {
				t.Errorf("schema read back is %v, want %v", read, schema)
			}
			wantRead(t, r.converter(t, nil), write(t, own, topic, read, v), v)
		})
	}
	connecttest.RunConverter(t, func(t *testing.T) connect.Converter { return r.converter(t, nil) },
		connecttest.Value{Schema: schema, Data: everythingValue(branch("string", "s"))})
}

func TestAvroOnARealRegistryNamesSubjects(t *testing.T) {
	r := realRegistry(t)
	topic, name := unused("t"), unused("x.R")
	s := structOf(name, field("a", data.Int32))
	v := map[string]any{"a": int32(1)}
	for strategy, subjects := range map[string][2]string{
		"TopicNameStrategy":  {topic + "-key", topic + "-value"},
		"RecordNameStrategy": {name, name},
		"io.confluent.kafka.serializers.subject.TopicRecordNameStrategy": {topic + "-" + name, topic + "-" + name},
	} {
		for i, isKey := range []bool{true, false} {
			c := mustAvro(t, isKey, map[string]string{"schema.registry.url": r.url,
				"key.subject.name.strategy": strategy, "value.subject.name.strategy": strategy})
			write(t, c, topic, s, v)
			if n := r.versions(t, subjects[i]); n != 1 {
				t.Errorf("%s, key %v: subject %s has %d schemas, want 1", strategy, isKey, subjects[i], n)
			}
		}
	}
}

func TestAvroOnARealRegistryTellsThatASchemaIsNotCompatible(t *testing.T) {
	r := realRegistry(t)
	topic, name := unused("t"), unused("R")
	c := r.converter(t, nil)
	first := write(t, c, topic, structOf(name, field("a", data.Int32)), map[string]any{"a": int32(1)})
	for _, set := range r.client.SetCompatibility(t.Context(), sr.SetCompatibility{Level: sr.CompatBackward}, topic+"-value") {
		if set.Err != nil {
			t.Fatal(set.Err)
		}
	}
	_, err := c.FromConnect(topic, structOf(name, field("a", data.String)), map[string]any{"a": "1"})
	want := "encode avro value for topic " + topic + ": schema registry: register the schema of " + topic + "-value: "
	if err == nil || connect.IsRetriable(err) || !strings.HasPrefix(err.Error(), want) ||
		!strings.Contains(err.Error(), "answers 409") || !strings.Contains(err.Error(), "not compatible with earlier ones") {
		t.Errorf("another type of a field: %v, want a final error that says so", err)
	}
	v := map[string]any{"a": int32(2), "b": nil}
	raw := write(t, c, topic, structOf(name, field("a", data.Int32), data.Field{Name: "b", Schema: optional(data.String)}), v)
	if n := r.versions(t, topic+"-value"); n != 2 || idOf(raw) == idOf(first) {
		t.Errorf("an optional field more makes %d versions, with id %d after %d; want 2 with ids of their own",
			n, idOf(raw), idOf(first))
	}
	wantRead(t, r.converter(t, nil), raw, v)
	wantRead(t, r.converter(t, nil), first, map[string]any{"a": int32(1)})
}

func TestAvroOnARealRegistryWritesWithTheLatestSchema(t *testing.T) {
	r := realRegistry(t)
	topic := unused("t")
	latest := map[string]string{"auto.register.schemas": "false", "use.latest.version": "true", "latest.cache.ttl.sec": "0"}
	c := r.converter(t, latest)
	s, v := structOf("R", field("a", data.Int32)), map[string]any{"a": int32(1)}
	if _, err := c.FromConnect(topic, s, v); err == nil || connect.IsRetriable(err) ||
		!strings.Contains(err.Error(), "read the latest schema of "+topic+"-value") {
		t.Errorf("a subject without schemas: %v, want a final error", err)
	}
	for more, want := range []map[string]any{{"a": int64(1)}, {"a": int64(1), "b": "none"}} {
		text := `{"type":"record","name":"R","fields":[{"name":"a","type":"long"}` +
			[]string{"", `,{"name":"b","type":"string","default":"none"}`}[more] + `]}`
		id := r.register(t, topic+"-value", text)
		raw := write(t, c, topic, s, v)
		if idOf(raw) != id {
			t.Errorf("written with schema %d, want the latest, %d", idOf(raw), id)
		}
		wantRead(t, r.converter(t, nil), raw, want)
	}
	lookup := r.converter(t, map[string]string{"auto.register.schemas": "false"})
	if _, err := lookup.FromConnect(topic, s, v); err == nil || connect.IsRetriable(err) {
		t.Errorf("a schema that nobody registered: %v, want a final error", err)
	}
	if n := r.versions(t, topic+"-value"); n != 2 {
		t.Errorf("the subject has %d schemas, want 2: none may be registered", n)
	}
}

func TestAvroOnARealRegistryTakesAnOrderThatMeansNothingForTheSame(t *testing.T) {
	r := realRegistry(t)
	topic := unused("t")
	id := r.register(t, topic+"-value", ` { "fields" : [{"type":"int","name":"a"}], "name":"R", "type":"record", "namespace":"" } `)
	c := r.converter(t, map[string]string{"normalize.schemas": "true"})
	raw := write(t, c, topic, structOf("R", field("a", data.Int32)), map[string]any{"a": int32(1)})
	if n := r.versions(t, topic+"-value"); n != 1 || idOf(raw) != id {
		t.Errorf("schema %d of %d, want %d, the only one", idOf(raw), n, id)
	}
}

func TestAvroOnARealRegistryFollowsReferences(t *testing.T) {
	r := realRegistry(t)
	ns, topic := unused("x"), unused("events")
	refer := func(name, subject string) sr.SchemaReference {
		return sr.SchemaReference{Name: ns + "." + name, Subject: subject, Version: 1}
	}
	record := func(name, fields string) string {
		return fmt.Sprintf(`{"type":"record","name":%q,"namespace":%q,"fields":[%s]}`, name, ns, fields)
	}
	place, login, logout := ns+"-place", ns+"-login", ns+"-logout"
	r.register(t, place, record("Place", `{"name":"host","type":"string"}`))
	r.register(t, login, record("Login", `{"name":"at","type":"`+ns+`.Place"}`), refer("Place", place))
	r.register(t, logout, record("Logout", `{"name":"from","type":"`+ns+`.Place"}`), refer("Place", place))
	id := r.register(t, topic+"-value", fmt.Sprintf(`["%s.Login","%s.Logout"]`, ns, ns),
		refer("Login", login), refer("Logout", logout))

	c := r.converter(t, map[string]string{"auto.register.schemas": "false", "use.latest.version": "true"})
	v := map[string]any{"Login": nil, "Logout": map[string]any{"from": map[string]any{"host": "a"}}}
	raw := write(t, c, topic, nil, v)
	if idOf(raw) != id {
		t.Errorf("written with schema %d, want %d", idOf(raw), id)
	}
	read := wantRead(t, r.converter(t, nil), raw, v)
	if read.Name != avro.UnionName || read.Fields[1].Schema.Name != ns+".Logout" {
		t.Errorf("the schema is %v, want a STRUCT with a field for each event", read)
	}
	// A sink's data goes on to another topic: the schema is registered with all that it refers to.
	wantRead(t, r.converter(t, nil), write(t, r.converter(t, nil), unused("copy"), read, v), v)
}

func TestAvroOnARealRegistryRefusesASchemaThatContainsItself(t *testing.T) {
	r := realRegistry(t)
	name := unused("Node")
	id := r.register(t, unused("t")+"-value", `{"type":"record","name":"`+name+`","fields":[{"name":"next","type":["null","`+
		name+`"],"default":null}]}`)
	_, _, err := r.converter(t, nil).ToConnect("t", []byte{0, byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id), 0})
	if want := fmt.Sprintf("schema registry: schema %d: ", id); err == nil || connect.IsRetriable(err) ||
		!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name+" contains itself") {
		t.Errorf("a schema that contains itself: %v, want a final error with %q", err, want)
	}
}

func TestAvroOnARealRegistryDoesNotAskAboutTombstones(t *testing.T) {
	r := realRegistry(t)
	topic := unused("t")
	c := r.converter(t, nil)
	if raw, err := c.FromConnect(topic, nil, nil); raw != nil || err != nil {
		t.Errorf("FromConnect of a tombstone = %q, %v", raw, err)
	}
	if s, v, err := c.ToConnect(topic, nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of a tombstone = %v, %v, %v", s, v, err)
	}
	if n := r.versions(t, topic+"-value"); n != 0 {
		t.Errorf("%d schemas are registered for a tombstone", n)
	}
}

func TestAvroOnARealRegistryWithAPassword(t *testing.T) {
	r := realRegistry(t)
	to, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(to)
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if user, password, _ := req.BasicAuth(); user != "suiro" || password != "s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		pass.ServeHTTP(w, req)
	}))
	defer locked.Close()
	s, v := structOf(unused("R"), field("a", data.Int32)), map[string]any{"a": int32(1)}
	props := map[string]string{"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "suiro:wr0ng"}
	_, err = registryAt(t, locked.URL).converter(t, props).FromConnect(unused("t"), s, v)
	if !connect.IsRetriable(err) || !strings.Contains(err.Error(), "answers 401") ||
		!strings.Contains(err.Error(), "check basic.auth.user.info") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("a wrong password: %v, want a retriable error that says what to check and not the password", err)
	}
	props["basic.auth.user.info"] = "suiro:s3cret"
	c := registryAt(t, locked.URL).converter(t, props)
	wantRead(t, r.converter(t, nil), write(t, c, unused("t"), s, v), v)
}

func TestAvroOnARealRegistryThatIsAwayForAMoment(t *testing.T) {
	own := servicetest.Own(t)
	own.Run("registry.sh", "up")
	r := registryAt(t, own.Registry())
	c := r.converter(t, map[string]string{"http.read.timeout.ms": "2000"})
	known, v := structOf("Known", field("a", data.Int32)), map[string]any{"a": int32(1)}
	raw := write(t, c, "t", known, v)

	own.Run("registry.sh", "kill")
	if again := write(t, c, "t", known, v); string(again) != string(raw) {
		t.Errorf("without the registry a known schema gives %x, want %x", again, raw)
	}
	fresh := structOf("Fresh", field("b", data.String))
	if _, err := c.FromConnect("u", fresh, map[string]any{"b": "x"}); !connect.IsRetriable(err) {
		t.Errorf("a new schema without the registry: %v, want a retriable error", err)
	}
	reader := r.converter(t, nil)
	if _, _, err := reader.ToConnect("t", raw); !connect.IsRetriable(err) {
		t.Errorf("an unknown id without the registry: %v, want a retriable error", err)
	}

	own.Run("registry.sh", "up")
	wantRead(t, reader, raw, v)
	wantRead(t, reader, write(t, c, "u", fresh, map[string]any{"b": "x"}), map[string]any{"b": "x"})
}
