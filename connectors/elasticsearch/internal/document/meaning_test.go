package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/converters"
)

// converter is the JsonConverter of a topic whose messages hold no schema.
func converter(t testing.TB) connect.Converter {
	t.Helper()
	plugin := converters.JSONPlugin()
	v, err := plugin.Def.Parse(map[string]string{"schemas.enable": "false"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := plugin.New(v, false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkMeaning compares what src means when it is copied, as the scanner lets
// it, with what it means when it is decoded and encoded.
func checkMeaning(t *testing.T, c connect.Converter, src []byte) {
	t.Helper()
	sh, err := NewScanner().Scan(src)
	schema, v, derr := c.ToConnect("t", src)
	if err == nil && sh.Ambiguous {
		return // decoded anyway
	}
	var encoded []byte
	if derr == nil {
		encoded, derr = NewEncoder(true).Append(nil, schema, v)
	}
	if (err == nil) != (derr == nil) {
		t.Fatalf("%.200q: copied it is refused with %.200v, decoded with %.200v", src, fmt.Sprint(err), fmt.Sprint(derr))
	}
	if err == nil && meaning(t, src) != meaning(t, encoded) {
		t.Fatalf("%.200q: copied it means %.200s, decoded %.200s", src, meaning(t, src), meaning(t, encoded))
	}
}

// meaning writes a document in one spelling: numbers as what they are worth,
// fractions with the digits of a double.
func meaning(t *testing.T, src []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%#v", worth(v))
}

func worth(v any) any {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			if f, err := v.Float64(); err == nil {
				return fmt.Sprint("double ", f+0) // -0 is 0
			}
			return string(v)
		}
		n, _ := new(big.Int).SetString(string(v), 10)
		return "integer " + n.String()
	case []any:
		for i := range v {
			v[i] = worth(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = worth(v[k])
		}
	}
	return v
}

// strange are texts that readers of JSON are known to differ about.
var strange = []string{
	`{"a":1,"a":2}`, `{"a":{"b":1,"b":{}}}`, `{"a":1,"\u0061":2}`, `{"a":[{"b":1},{"b":2}]}`,
	`{"a":1e400}`, `{"a":-1e400}`, `{"a":1e-400}`, `{"a":-0}`, `{"a":-0.0}`, `{"a":0e0}`, `{"a":1E5}`, `{"a":1.0}`,
	`{"a":123456789012345678901234567890}`, `{"a":-9223372036854775808}`, `{"a":9223372036854775808}`,
	`{"a":0.1234567890123456789012345}`, `{"a":1e2}`, `{"a":1.7976931348623157e308}`,
	"{\"a\":\"\xff\"}", "{\"\xed\xa0\x80\":1}", "{\"a\":\"\xc0\x80\"}", `{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`,
	`{"a":"\ud83d\ude00"}`, `{"\ud800":1}`, `{"a":"\u0000"}`, "{\"a\":\"\x7f\u2028\u2029\"}",
	`{"":1}`, `{"a.b":1,"a":{"b":2}}`, `{".":1}`, `{"_id":"x","_source":{},"_index":"y"}`, `{" a ":1}`,
	`1`, `"a"`, `[1]`, `null`, `true`, ``, ` `, `{}`, "\ufeff{}", "{}\x00", "{}{}", "\u00a0{}", "\v{}",
	`{"a":tRue}`, `{"a":nul}`, `{"a":01}`, `{"a":.5}`, `{"a":+1}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":'b'}`,
	`{"a":1,}`, `{,}`, `{"a":[1,]}`, `{"a" 1}`, `{"a":"` + "\t" + `"}`, `{"a":"\x"}`, `{"a":"\u12"}`, `/**/{}`,
	"{\n\"a\"\r\n:\t1 }\n",
}

func TestCopiedAndDecodedDocumentsMeanTheSame(t *testing.T) {
	c := converter(t)
	for _, src := range strange {
		checkMeaning(t, c, []byte(src))
	}
	for _, depth := range []int{certainDepth, certainDepth + 1, 300, 301, maxDepth - 1} {
		checkMeaning(t, c, []byte(`{"a":`+strings.Repeat("[", depth-1)+strings.Repeat("]", depth-1)+"}"))
		checkMeaning(t, c, []byte(strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth)))
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	for range 20000 { // parts of strange texts in one another
		text := strange[random.IntN(len(strange))]
		for range random.IntN(4) {
			text = strings.Replace(text, "1", strange[random.IntN(len(strange))], 1)
		}
		checkMeaning(t, c, []byte(text))
	}
}

func FuzzCopiedAndDecodedDocumentsMeanTheSame(f *testing.F) {
	for _, src := range strange {
		f.Add([]byte(src))
	}
	c := converter(f)
	f.Fuzz(func(t *testing.T, src []byte) { checkMeaning(t, c, src) })
}
