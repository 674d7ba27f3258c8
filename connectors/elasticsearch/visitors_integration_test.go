//go:build integration

package elasticsearch

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// visit is a request as ltsv-json writes it, with what its visitor sent.
func visit(agent string, cookie map[string]string) map[string]any {
	return map[string]any{"time": "2026-11-28T10:00:00.000Z", "host": "192.0.2.17", "method": "GET", "uri": "/",
		"status": 200, "size": 5316, "reqtime": 0.012, "referer": nil, "ua": agent, "cookie": cookie}
}

// honest is the request of a visitor who means no harm, with a cookie that no one
// else has.
func honest(n int) map[string]any {
	v := visit("Mozilla/5.0 (X11; Linux x86_64)", map[string]string{"sid": fmt.Sprint(n), fmt.Sprintf("fresh%d", n): "1"})
	v["honest"] = true
	return v
}

// hostile are requests that decide mappings wherever a request can.
func hostile(rng *rand.Rand) []map[string]any {
	var out []map[string]any
	for _, agent := range []string{"2026/11/28", "2026-11-28", "2026-11-28T01:02:03Z", "12", "1e400", "192.0.2.1", "true",
		"{}", `{"a":1}`, "NaN", "null", "", strings.Repeat("水", 350_000), strings.Repeat("a", 1<<20)} {
		v := visit(agent, nil)
		v["uri"], v["referer"], v["method"], v["host"] = agent, agent, agent, agent
		out = append(out, v)
	}
	for _, name := range []string{"sid.x", "sid", ".", "..", ".sid", "sid.", "a..b", "", " ", "_id", "_source", "*", "\x00",
		"SID", "sId", strings.Repeat("n", 40_000), strings.Repeat("水", 8_000)} {
		out = append(out, visit("curl/8.17.0", map[string]string{name: "2026/11/28"}),
			visit("curl/8.17.0", map[string]string{name: strings.Repeat("v", 1<<20)}))
	}
	many := map[string]string{}
	for range 10_000 {
		many[fmt.Sprintf("c%x.%x", rng.Uint64(), rng.Uint32())] = fmt.Sprint(rng.Int64())
	}
	out = append(out, visit("curl/8.17.0", many))
	for range 60 {
		random := map[string]string{}
		for range 50 {
			random[fmt.Sprintf("r%x", rng.Uint64())] = "1"
		}
		out = append(out, visit("curl/8.17.0", random))
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// odd are values that a log holds where its server has a fault, in the fields that
// are numbers and times.
func odd() []map[string]any {
	var out []map[string]any
	for _, value := range []any{json.Number("99999999999999999999999999"), json.Number("-1e999"), json.Number("1.5"),
		"NaN", "Infinity", "-", "", true, nil} {
		v := visit("curl/8.17.0", nil)
		v["status"], v["size"], v["reqtime"], v["time"] = value, value, value, value
		out = append(out, v)
	}
	return out
}

// recordsOf writes requests as records.
func recordsOf(t *testing.T, p connect.TopicPartition, from int64, visits []map[string]any) []*connect.SinkRecord {
	t.Helper()
	texts := make([]string, len(visits))
	for i, v := range visits {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	return connecttest.Records(p, from, texts...)
}

func TestNoRequestHasOthersRefused(t *testing.T) {
	url := sharedES(t)
	for name, keys := range map[string][]string{
		"by default": nil, "with the template of the examples": {"index.template.file", "../../examples/access-index.json"},
	} {
		t.Run(name, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			p := topicFor(t, url)
			s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(url, keys...))
			s.Open(p)
			visits := append(odd(), hostile(rand.New(rand.NewPCG(seed, 0)))...)
			next := int64(0)
			put := func(visits []map[string]any) {
				s.Put(recordsOf(t, p, next, visits)...)
				next += int64(len(visits))
			}
			put([]map[string]any{visit("2026/11/28", map[string]string{"sid.x": "1"})})
			waitCommit(t, s, p, next) // it is the first of the index
			for i, v := range visits {
				put([]map[string]any{v, honest(i)})
			}
			waitCommit(t, s, p, next)
			for _, r := range s.Context.Reports() {
				if _, v, _ := r.Record.Value.Decode(); v.(map[string]any)["honest"] != nil {
					t.Errorf("an honest request is refused: %v", r.Reason)
				}
			}
			call(t, "POST", url+"/"+p.Topic+"/_refresh", "")
			for _, q := range []string{"honest:true", "cookie.fresh7:1", "time:2026-11-28", "status:200", "ua:curl*"} {
				var found struct{ Count int }
				answer := call(t, "GET", url+"/"+p.Topic+"/_count?q="+q, "")
				if err := json.Unmarshal(answer, &found); err != nil {
					t.Fatal(err)
				}
				if want := map[string]int{"honest:true": len(visits), "cookie.fresh7:1": 1}[q]; found.Count < max(1, want) {
					t.Errorf("%s finds %d requests, want %d", q, found.Count, want)
				}
			}
			fields := string(call(t, "GET", url+"/"+p.Topic+"/_mapping", ""))
			if n := strings.Count(fields, `"type"`); n > 60 {
				t.Errorf("requests made a mapping of %d types: %.2000s", n, fields)
			}
			refused := map[string]int{}
			for _, r := range s.Context.Reports() {
				refused[fmt.Sprintf("%.120v", r.Reason)]++
			}
			t.Logf("refused: %d of %d hostile requests: %v", len(s.Context.Reports()), len(visits), maps.Clone(refused))
		})
	}
}
