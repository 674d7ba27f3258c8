package kinds

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/registry"
)

// schemas are attacks by schemas, and by the registry that hands them out.
func schemas() []Kind {
	return []Kind{
		{"envelope-bombs", "writes JSON with schemas: deep, wide, of elements without content, with huge decimals",
			envelopes},
		{"avro-bombs", "writes data for schemas that turn few bytes into many: empty elements, huge lengths and defaults",
			avroBombs},
		{"avro-schemas", "hands out schemas that are deep, wide, recursive, huge or none", avroSchemas},
		{"wrong-ids", "writes Avro with ids that no registry knows, and with none", wrongIDs},
		{"registry-answers", "answers as a registry with endless, huge, slow and wrong bodies", registryAnswers},
		{"registry-redirects", "answers as a registry with redirections in circles and to other places", registryRedirects},
	}
}

func envelopes(ctx context.Context, f *Field) error {
	schema := func(s, payload string) string { return `{"schema":` + s + `,"payload":` + payload + `}` }
	decimal := func(scale, payload string) string {
		return schema(`{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"`+scale+`"}}`,
			payload)
	}
	deep := strings.Repeat(`{"type":"array","items":`, 30_000) + `{"type":"int8"}` + strings.Repeat("}", 30_000)
	wide := times(30_000, func(i int) string {
		return fmt.Sprintf(`{"field":"f%d","type":"string","optional":true},`,
			i)
	})
	return f.lines(ctx, "envelope", schema(deep, strings.Repeat("[", 30_000)+strings.Repeat("]", 30_000)),
		schema(`{"type":"struct","fields":[`+strings.TrimSuffix(wide, ",")+`]}`, `{}`),
		schema(`{"type":"array","items":{"type":"struct","fields":[]}}`, `[`+strings.Repeat("{},", 300_000)+`{}]`),
		schema(`{"type":"array","items":{"type":"struct","fields":[`+times(200, func(i int) string {
			return fmt.Sprintf(`{"field":"f%d","type":"string","optional":true,"default":"%s"},`, i, strings.Repeat("d", 1000))
		})+`{"field":"z","type":"int8","default":1}]}}`, `[`+strings.Repeat("{},", 200_000)+`{}]`),
		decimal("2147483647", `"AQ=="`), decimal("-2147483647", `"AQ=="`), decimal("99999999999", `"AQ=="`), decimal("x",
			`"AQ=="`),
		decimal("2", `"`+strings.Repeat("////", 200_000)+`"`),
		schema(`{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp"}`, "9223372036854775807"),
		schema(`{"type":"int32","name":"org.apache.kafka.connect.data.Date"}`, "2147483647"),
		schema(`{"type":"int8"}`, "300"), schema(`{"type":"map","keys":{"type":"int32"},"values":{"type":"string"}}`,
			`[[1,"a"],[1]]`),
		schema(`{"type":"struct"}`, `{}`), schema(`null`, `{"id":"x"}`), schema(`"string"`, `1`),
		schema(`{"type":"nothing"}`, `1`),
		schema(`{"type":"string","default":`+strings.Repeat("[", 100_000)+`}`, `null`))
}

func writeAvro(ctx context.Context, f *Field, schema string, datums ...string) error {
	id := f.Registry.Add(registry.Schema(schema))
	return writeMessages(ctx, f, id, datums...)
}

func writeMessages(ctx context.Context, f *Field, id int, datums ...string) error {
	var all []*kgo.Record
	for _, d := range datums {
		all = append(all, &kgo.Record{Topic: f.Topic("registry"), Partition: partition(f), Value: registry.Message(id,
			[]byte(d))})
	}
	return f.Kafka.Records(ctx, all...)
}

// long is a number as Avro writes it.
func long(n int64) string { return string(binary.AppendVarint(nil, n)) }

func avroBombs(ctx context.Context, f *Field) error {
	for _, c := range []struct {
		schema string
		datums []string
	}{
		{`{"type":"array","items":"null"}`, []string{long(1<<40) + long(0), long(100_000_000) + long(0),
			strings.Repeat(long(60), 900_000) + long(0)}},
		{`{"type":"array","items":{"type":"record","name":"E","fields":[]}}`, []string{long(1<<31) + long(0),
			long(50_000_000) + long(0)}},
		{`{"type":"array","items":{"type":"fixed","name":"F","size":0}}`, []string{long(1<<31) + long(0)}},
		{`{"type":"map","values":"null"}`, []string{strings.Repeat(long(1)+long(0), 300_000) + long(0), long(1 << 40)}},
		{`"string"`, []string{long(1 << 62), long(-1), long(1<<31) + "a", long(200<<20) + "a"}},
		{`"bytes"`, []string{long(1<<62) + "a", long(-5)}},
		{`{"type":"fixed","name":"F","size":2147483647}`, []string{"a"}},
		{`{"type":"array","items":"int"}`, []string{long(-1<<62) + long(1<<62), long(-9223372036854775808), long(-5) +
			long(-5)}},
		{`{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}`, []string{strings.Repeat(long(1),
			900_000) + long(0)}},
		{`{"type":"bytes","logicalType":"decimal","precision":1000000000,"scale":1000000000}`, []string{long(1) + "a"}},
		{`{"type":"enum","name":"E","symbols":["A"]}`, []string{long(1 << 40), long(-1)}},
		{`["null","string"]`, []string{long(1 << 40), long(-3)}},
		{`{"type":"long","logicalType":"timestamp-micros"}`, []string{long(9223372036854775807),
			long(-9223372036854775808)}},
	} {
		if err := writeAvro(ctx, f, c.schema, c.datums...); err != nil {
			return err
		}
	}
	return nil
}

func avroSchemas(ctx context.Context, f *Field) error {
	exponential := `"int"`
	for i := range 40 {
		exponential = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s},{"name":"b","type":"R%d"}]}`, i, exponential, max(0, i-1))
		if i == 0 {
			exponential = `{"type":"record","name":"R0","fields":[{"name":"a","type":"int"}]}`
		}
	}
	fields := times(40_000,
		func(i int) string { return fmt.Sprintf(`{"name":"f%d","type":["null","string"],"default":null},`, i) })
	symbols := times(100_000, func(i int) string { return fmt.Sprintf(`"S%d",`, i) })
	for _, schema := range []string{
		strings.Repeat(`{"type":"array","items":`, 100_000) + `"int"` + strings.Repeat("}", 100_000), strings.Repeat("[",
			1_000_000),
		`{"type":"record","name":"W","fields":[` + fields + `{"name":"z","type":"int"}]}`,
		`{"type":"enum","name":"E","symbols":[` + symbols + `"Z"]}`, exponential,
		`{"type":"record","name":"S","fields":[{"name":"s","type":"S"}]}`, `{"type":"array","items":"Nothing"}`,
		`{"type":"record","name":"D","fields":[{"name":"a","type":{"type":"array","items":"int"},"default":[` +
			strings.Repeat("1,", 3_000_000) + `1]}]}`,
		`{"type":"record","name":"` + strings.Repeat("n", 1_000_000) + `","fields":[]}`,
		`{"type":"fixed","name":"F","size":-1}`,
		`{"type":"fixed","name":"F","size":9223372036854775807}`, ``, `null`, `1`, `{}`, `[]`, `[["int"],["int"]]`,
		`"\u0000"`,
		`{"type":"record","name":"../../x","fields":[]}`, `{"type":{"type":{"type":{"type":"int"}}}}`,
	} {
		if err := writeAvro(ctx, f, schema, "\x00\x00\x00\x00", strings.Repeat("\x02", 1000)); err != nil {
			return err
		}
	}
	return nil
}

func wrongIDs(ctx context.Context, f *Field) error {
	for range 50 {
		if err := writeMessages(ctx, f, 1_000_000+f.Rand.IntN(1_000_000_000), "a"); err != nil {
			return err
		}
	}
	return f.lines(ctx, "registry", "", "\x00", "\x00\x00\x00", "\x00\x00\x00\x00\x01", "\x00\xff\xff\xff\xff",
		"\x01\x00\x00\x00\x01\x02a", "{}",
		"\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x00\x80\x00\x00\x00a")
}

const contentType = "application/vnd.schemaregistry.v1+json"

func registryAnswers(ctx context.Context, f *Field) error {
	answers := []http.HandlerFunc{
		body(contentType, `{"schema":"`, strings.Repeat("x", 1<<20), 200), body(contentType, "", " ", 0),
		body(contentType, "", strings.Repeat("[", 1<<20), 20), body("text/html", "<html>", "no registry", 1),
		body(contentType, `{"schema":1}`, "", 0), body(contentType, `{"schema":null}`, "", 0), body(contentType, "[]", "",
			0),
		body(contentType, `{"schema":"\"string\"","schemaType":"PROTOBUF"}`, "", 0),
		body(contentType, `{"schema":"\"A\"","references":[{"name":"A","subject":"a","version":1}]}`, "", 0),
		body("", "\x1f\x8b\x08\x00", "\x00", 1000),
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		func(w http.ResponseWriter, _ *http.Request) { // a header without an end
			for i := range 5000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("h", 1000))
			}
		},
		func(w http.ResponseWriter, r *http.Request) { drip(w, r, 3*time.Second) },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	}
	answer := choose(f, answers...)
	if !f.Long {
		return writeMessages(ctx, f, f.Registry.Add(once(2, answer)), "\x02a")
	}
	for _, answer := range answers {
		if err := writeMessages(ctx, f, f.Registry.Add(once(2, answer)), "\x02a"); err != nil {
			return err
		}
	}
	return nil
}

// once answers so a number of times, and then that there is no such schema: a registry that
// never answers for an id is one that is away, which is waited for.
func once(calls int64, answer http.HandlerFunc) http.HandlerFunc {
	var called atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if called.Add(1) > calls {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":40403,"message":"Schema not found"}`)
			return
		}
		answer(w, r)
	}
}

// body answers with a text, and with another one many times after it.
func body(contentType, text, more string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, err := fmt.Fprint(w, text)
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprint(w, more)
		}
	}
}

// drip writes a byte now and then.
func drip(w http.ResponseWriter, r *http.Request, d time.Duration) {
	end := time.After(d)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-end:
			return
		case <-tick.C:
			fmt.Fprint(w, " ")
			_ = http.NewResponseController(w).Flush() // who asks may be gone
		}
	}
}

func registryRedirects(ctx context.Context, f *Field) error {
	for _, to := range []string{"again", "/schemas/ids/1", "file:///etc/passwd", "//" + f.Worker.HTTP + "/connectors",
		"http://" + f.Worker.HTTP + "/metrics", "gopher://127.0.0.1/"} {
		calls := int64(2)
		if to == "again" {
			calls = 12 // more than redirections are followed
		}
		id := f.Registry.Add(once(calls, func(w http.ResponseWriter, r *http.Request) {
			where := to
			if to == "again" {
				where = r.URL.Path
			}
			http.Redirect(w, r, where, http.StatusTemporaryRedirect)
		}))
		if err := writeMessages(ctx, f, id, registryDatum); err != nil {
			return err
		}
	}
	return nil
}

// registryDatum is one of the honest schema, with an id that is none.
const registryDatum = "\x02a"
