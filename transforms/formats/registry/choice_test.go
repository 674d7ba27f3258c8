package registry

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

const wideAccess = `{"type":"record","name":"Access","fields":[{"name":"host","type":"string"},` +
	`{"name":"status","type":["null","long"],"default":null},{"name":"more","type":"int","default":7}]}`

func TestMessagesWritesWithTheSchemaOfAnID(t *testing.T) {
	r, requests := registry(t)
	r.SeedSchema("of-another-topic", 1, 7, sr.Schema{Type: sr.TypeAvro, Schema: wideAccess})
	m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL(), "auto.register.schemas": "false",
		"use.schema.id": "7", "value.subject.name.strategy": "RecordNameStrategy"})
	s, v := accessValue()
	const want = "\x00\x00\x00\x00\x07\x02a\x02\x90\x03\x0e"
	for _, schema := range []*data.Schema{s, nil} {
		if raw, err := m.Encode("t", schema, v); err != nil || string(raw) != want {
			t.Errorf("Encode with the schema of an id = %q, %v, want %q", raw, err, want)
		}
	}
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests, want one: the schema is remembered", got)
	}
	for name, bad := range map[string]map[string]any{
		"a field too many": {"host": "a", "status": nil, "referer": "b"},
		"a field missing":  {"status": int32(200)},
		"another type":     {"host": int32(1), "status": nil},
	} {
		if raw, err := m.Encode("t", nil, bad); err == nil || connect.IsRetriable(err) {
			t.Errorf("%s: %q, %v, want a final error, because nothing may be lost", name, raw, err)
		}
	}
}

func TestLatestSchemaIsReadAgainAfterItsTime(t *testing.T) {
	for ttl, want := range map[string]int64{"-1": 1, "3600": 1, "0": 3} {
		r, requests := registry(t)
		r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeAvro, Schema: wideAccess})
		m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL(), "auto.register.schemas": "false",
			"use.latest.version": "true", "latest.cache.ttl.sec": ttl})
		s, v := accessValue()
		for range 3 {
			if _, err := m.Encode("t", s, v); err != nil {
				t.Fatal(err)
			}
		}
		if got := requests.Load(); got != want {
			t.Errorf("latest.cache.ttl.sec=%s: %d requests for three messages, want %d", ttl, got, want)
		}
	}
	c := &Client{lasts: time.Minute, opened: time.Now(), latest: memo.New[latestKey, version](10)}
	c.latest.Put(latestKey{"t-value", c.span(c.opened)}, version{id: 7})
	for after, want := range map[time.Duration]bool{0: true, 59 * time.Second: true, time.Minute: false, time.Hour: false} {
		if _, got := c.latest.Get(latestKey{"t-value", c.span(c.opened.Add(after))}); got != want {
			t.Errorf("the latest schema is remembered after %v: %v, want %v", after, got, want)
		}
	}
}

func TestNormalizeIsAskedOfTheRegistry(t *testing.T) {
	for normalize, want := range map[string]string{"true": "true", "false": ""} {
		for register, path := range map[string]string{"true": "/subjects/t-value/versions", "false": "/subjects/t-value"} {
			var got *url.URL
			server := hostile(t, func(w http.ResponseWriter, r *http.Request) {
				got = r.URL
				_, _ = w.Write([]byte(`{"id":1,"version":1,"subject":"t-value","schema":"\"int\""}`))
			})
			m := mustOpen(t, false, map[string]string{"schema.registry.url": server, "normalize.schemas": normalize,
				"auto.register.schemas": register})
			if _, err := m.Encode("t", avrotest.Prim(data.Int32), int32(1)); err != nil {
				t.Fatal(err)
			}
			if got.Path != path || got.Query().Get("normalize") != want {
				t.Errorf("normalize.schemas=%s asks %v, want %s with normalize=%q", normalize, got, path, want)
			}
		}
	}
}

func TestRequestsGoThroughTheProxy(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		_, _ = w.Write([]byte(`{"id":9}`))
	}))
	defer proxy.Close()
	host, port, _ := strings.Cut(strings.TrimPrefix(proxy.URL, "http://"), ":")
	m := mustOpen(t, false, map[string]string{"schema.registry.url": "http://registry.invalid:8081",
		"proxy.host": host, "proxy.port": port})
	if _, err := m.Encode("t", avrotest.Prim(data.Int32), int32(1)); err != nil {
		t.Fatal(err)
	}
	if want := "http://registry.invalid:8081/subjects/t-value/versions"; asked != want {
		t.Errorf("the proxy is asked for %q, want %q", asked, want)
	}
}
