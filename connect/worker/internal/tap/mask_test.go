package tap

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
)

// testMask hides what a worker hides by default, nearly, and the secret hunter2.
func testMask(patterns ...string) *Mask {
	return NewMask(append([]string{"*passw*", "api?key"}, patterns...),
		func(s string) string { return strings.ReplaceAll(s, "hunter2", "[hidden]") })
}

func TestBytesAreShownWithoutWhatIsMasked(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"b":1,"a":{"Password":{"x":[1,2]},"n":1.50}}`, `{"b":1,"a":{"Password":"[hidden]","n":1.50}}`},
		{`[{"db/password":"x"},{"API_KEY":null,"ok":true}]`, `[{"db/password":"[hidden]"},{"API_KEY":"[hidden]","ok":true}]`},
		{`{"text":"{\"password\":\"x\",\"n\":1}"}`, `{"text":"{\"password\":\"[hidden]\",\"n\":1}"}`},
		{`{"url":"http://u:hunter2@host"}`, `{"url":"http://u:[hidden]@host"}`},
		{`plain <text> with hunter2`, `"plain <text> with [hidden]"`},
		{`42`, `42`},
		{`{"cut":`, `"{\"cut\":"`},
		{"\x06foo\x00", `{"bytes":5}`},
		{"\xff\xfe", `{"bytes":2}`},
		{strings.Repeat("[", 1000) + strings.Repeat("]", 1000), `"` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `"`},
		{"", `""`},
	} {
		if got := string(testMask().raw([]byte(c.in))); got != c.want {
			t.Errorf("raw(%.60q) = %s, want %s", c.in, got, c.want)
		}
	}
	if got := string(testMask().raw(nil)); got != "null" {
		t.Errorf("raw(nil) = %s, want null", got)
	}
}

func TestDataIsShownWithoutWhatIsMasked(t *testing.T) {
	in := map[string]any{"user": "ann", "passwd": "x", "list": []any{map[string]any{"password": 1}}}
	got, err := testMask().data(nil, in)
	if want := `{"list":[{"password":"[hidden]"}],"passwd":"[hidden]","user":"ann"}`; err != nil || string(got) != want {
		t.Errorf("data = %s, %v, want %s", got, err, want)
	}
	inText := `{"password":"x"}`
	if got, err := testMask().data(&data.Schema{Kind: data.String}, inText); err != nil || strings.Contains(string(got), `"x`) {
		t.Errorf("data of a text that is JSON = %s, %v, want the password hidden", got, err)
	}
	if got, err := testMask("*").data(nil, in); err != nil || strings.ContainsAny(string(got), "1x") ||
		strings.Contains(string(got), "ann") {
		t.Errorf("data with everything masked = %s, %v, want no value", got, err)
	}
}

func TestWhatIsLongIsCut(t *testing.T) {
	long := `{"a":"` + strings.Repeat("ä", maxShown) + `"}`
	got := testMask().raw([]byte(long))
	var text string
	if err := json.Unmarshal(got, &text); err != nil || len(text) > maxShown+50 || !strings.Contains(text, "cut") {
		t.Errorf("a value of %d bytes is shown as %d bytes, %v", len(long), len(text), err)
	}
}

// Whatever bytes a record has, what is shown is JSON and of bounded size.
func FuzzRaw(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"password":"x"}`, "[[[", "\xff", `{"a":"{\"b\":[1]}"}`, "1 2", `"\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got := testMask().raw(in)
		if !json.Valid(got) || len(got) > 6*maxShown+100 {
			t.Errorf("raw(%q) = %q", in, got)
		}
		if bytes.Contains(got, []byte("hunter2")) {
			t.Errorf("raw(%q) = %q shows the secret", in, got)
		}
	})
}
