package bulk

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
	"github.com/suiro/suiro/transforms/converters"
)

// keysOf returns converters of keys, by name.
func keysOf(t *testing.T) map[string]connect.Converter {
	t.Helper()
	out := map[string]connect.Converter{}
	for name, c := range map[string]struct {
		plugin connect.ConverterPlugin
		props  map[string]string
	}{
		"string": {converters.StringPlugin(), nil},
		"json":   {converters.JSONPlugin(), map[string]string{"schemas.enable": "false"}},
	} {
		v, err := c.plugin.Def.Parse(c.props)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = c.plugin.New(v, true); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Two keys that are not the same never share a document.
func TestKeysWithoutAnIDOfTheirOwnAreRefused(t *testing.T) {
	byName := keysOf(t)
	for _, c := range []struct{ converter, key, want string }{
		{"string", "a\xff", "not UTF-8"}, {"string", "a\xfe", "not UTF-8"}, {"string", "\xed\xa0\x80", "not UTF-8"},
		{"string", "a\ufffd", ""}, {"json", `"\ud800"`, "not UTF-8"}, {"json", `"\udfff"`, "not UTF-8"},
		{"json", "\"\ufffd\"", ""}, {"string", "", "empty"}, {"json", `""`, "empty"}, {"string", ".", ""}, {"string", "..", ""},
		{"string", strings.Repeat("a", 512), ""}, {"string", strings.Repeat("a", 513), "513 bytes"},
		{"string", strings.Repeat("水", 171), "513 bytes"}, {"json", "1.5", "integer or a string"}, {"json", "12", ""},
		{"json", "12345678901234567890", "integer or a string"}, {"string", "orders+0+17", "topic.key.ignore"},
		{"string", "orders+0+x", ""}, {"string", "a\n{\"delete\":{}}", ""}, {"string", "\x00", ""},
	} {
		p := NewPlanner(&settings.Settings{Keys: settings.Keys{IgnoreKeyTopics: []string{"orders"}, IndexFormat: "all",
			StreamType: settings.StreamNone, ResourceUsage: settings.ResourceDisabled}})
		r := &connect.SinkRecord{OriginalTopic: "users", Record: connect.Record{Topic: "users",
			Key:   connect.Undecoded("users", []byte(c.key), byName[c.converter]),
			Value: connect.Undecoded("users", []byte(`{}`), byName["json"])}}
		_, err := p.Plan(r)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s key %.30q: error %v, want %q", c.converter, c.key, err, c.want)
		}
	}
}
