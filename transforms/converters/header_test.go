package converters

import (
	"bytes"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

func headerConverter(t *testing.T, class string, props map[string]string) connect.HeaderConverter {
	for _, p := range HeaderPlugins() {
		if !p.Is(class) {
			continue
		}
		v, err := p.Def.Parse(props)
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.New(v)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Fatalf("no header converter %s", class)
	return nil
}

func TestHeaderConvertersReadAndWrite(t *testing.T) {
	plain := map[string]string{"schemas.enable": "false"}
	text, number := data.String, data.Int8
	tests := []struct {
		class string
		props map[string]string
		raw   []byte
		kind  *data.Kind
		want  any
	}{
		{"SimpleHeaderConverter", nil, []byte("12"), &number, int8(12)},
		{"SimpleHeaderConverter", nil, []byte(`{"a":[1]}`), nil, map[string]any{"a": []any{int8(1)}}},
		{"SimpleHeaderConverter", nil, []byte("x"), &text, "x"},
		{"SimpleHeaderConverter", nil, []byte(""), &text, ""},
		{"SimpleHeaderConverter", nil, nil, nil, nil},
		{"StringConverter", nil, []byte("12"), &text, "12"},
		{"JsonConverter", plain, []byte(`{"a":null}`), nil, map[string]any{"a": nil}},
		{"JsonConverter", nil, []byte(`{"schema":{"type":"int8","optional":false},"payload":1}`), &number, int8(1)},
		{"ByteArrayConverter", nil, []byte{0, 255}, nil, []byte{0, 255}},
	}
	for _, tt := range tests {
		c := headerConverter(t, tt.class, tt.props)
		s, got, err := c.ToConnectHeader("t", "k", tt.raw)
		if err != nil || !data.Equal(got, tt.want) || tt.kind != nil && (s == nil || s.Kind != *tt.kind) {
			t.Errorf("%s: ToConnectHeader(%q) = %v, %#v, %v, want %#v", tt.class, tt.raw, s, got, err, tt.want)
		}
		back, err := c.FromConnectHeader("t", "k", s, got)
		if err != nil || !bytes.Equal(back, tt.raw) || (back == nil) != (tt.raw == nil) {
			t.Errorf("%s: FromConnectHeader(%#v) = %q, %v, want %q", tt.class, got, back, err, tt.raw)
		}
	}
}

func TestSimpleHeaderRefusesWhatIsNotConnectsData(t *testing.T) {
	raw, err := (SimpleHeader{}).FromConnectHeader("t", "k", nil, struct{}{})
	if want := "encode text for topic t: invalid data"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("FromConnectHeader = %q, %v, want %q", raw, err, want)
	}
}

func TestSimpleHeaderKeepsWhatIsNotText(t *testing.T) {
	raw := []byte("a\xff")
	s, v, err := SimpleHeader{}.ToConnectHeader("t", "k", raw)
	if err != nil || s.Kind != data.Bytes || !data.Equal(v, raw) {
		t.Errorf("ToConnectHeader(%q) = %v, %v, %v, want the bytes", raw, s, v, err)
	}
}

// A header that SimpleHeaderConverter reads may go to a topic whose headers another converter writes.
func TestHeadersWithoutACommonKeySchemaAreWrittenAsJSON(t *testing.T) {
	c := headerConverter(t, "JsonConverter", map[string]string{"schemas.enable": "false"})
	for text, want := range map[string]string{"{}": "{}", `{"a":1,2:3}`: `[["a",1],[2,3]]`, `["a",1]`: `["a",1]`} {
		s, v, err := SimpleHeader{}.ToConnectHeader("t", "k", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.FromConnectHeader("t", "k", s, v); err != nil || string(got) != want {
			t.Errorf("FromConnectHeader(%s) = %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestBytesNamesWhatItRefuses(t *testing.T) {
	_, err := Bytes{}.FromConnect("t", nil, []any{1})
	if want := "encode bytes for topic t: a list is not bytes: use another converter"; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}
