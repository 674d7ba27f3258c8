package kinds

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// texts are attacks by the lines and objects that producers and visitors send.
func texts() []Kind {
	return []Kind{
		{"ltsv-million-fields", "writes LTSV records of hundreds of thousands of fields, cookies and empty labels",
			ltsvFields},
		{"many-lines", "writes messages of many short lines with long headers, which each line would get", manyLines},
		{"visitors", "sends user agents that look like dates and numbers, random cookies, and cookies with dots", visitors},
		{"json-depth", "writes JSON that is nested as deep as a record is long", jsonDepth},
		{"json-numbers", "writes numbers of many digits and huge exponents, and what is not a number", jsonNumbers},
		{"json-types", "writes requests whose fields have other types than those of honest ones", jsonTypes},
		{"json-names", "writes objects of tens of thousands of fields, of odd names and of the same name", jsonNames},
		{"partition-values", "writes values for a partition's field that lead elsewhere or are no names", partitionValues},
		{"many-servers", "writes requests of thousands of servers, long names among them", manyServers},
		{"one-large-count", "writes requests of one server and minute with thousands of statuses and times", oneLargeCount},
		{"odd-headers", "writes headers that look like deep JSON, numbers, dates and dead letters", oddHeaders},
	}
}

// times joins n texts.
func times(n int, text func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(text(i))
	}
	return b.String()
}

// largest is the length of a value that a topic takes when it does not compress.
const largest = 1_000_000

func ltsvFields(ctx context.Context, f *Field) error {
	return f.lines(ctx, "ltsv",
		times(120_000, func(i int) string { return fmt.Sprintf("a%d:1\t", i) }),
		strings.Repeat("a:1\t", largest/4), strings.Repeat(":\t", largest/2), strings.Repeat("\t", largest),
		strings.Repeat("vhost:h\t", largest/8), "vhost:h\tcookie:"+times(90_000,
			func(i int) string { return fmt.Sprintf("c%d=1; ", i) }),
		"vhost:h\tcookie:"+strings.Repeat("a=1; ", largest/5-10), "vhost:h\tua:"+strings.Repeat("\\x", largest/2-10),
		"vhost:h\tua:"+strings.Repeat("\"", largest-20), "vhost:h\tua:"+strings.Repeat("\xff", largest-20),
		"vhost:h\ttime:[99/Zzz/9999:99:99:99 +9999]", "vhost:h\tstatus:"+strings.Repeat("9", largest-20),
		"vhost:h\treqtime:1e"+strings.Repeat("9", 1000))
}

func manyLines(ctx context.Context, f *Field) error {
	header := kgo.RecordHeader{Key: "hostile", Value: []byte(strings.Repeat("h", 700_000))}
	value := []byte(strings.Repeat("a:1\n", 50_000))
	return f.Kafka.Records(ctx,
		&kgo.Record{Topic: f.Topic("ltsv"), Partition: partition(f), Value: value, Headers: []kgo.RecordHeader{header}},
		&kgo.Record{Topic: f.Topic("ltsv"), Partition: partition(f), Value: []byte(strings.Repeat("\n", largest))},
		&kgo.Record{Topic: f.Topic("ltsv"), Partition: partition(f), Value: value, Key: []byte(strings.Repeat("k",
			700_000))})
}

func visitors(ctx context.Context, f *Field) error {
	const request = "time:[28/Nov/2026:19:33:03 +0900]\thost:192.0.2.9\tvhost:hostile\treq:GET / HTTP/1.1\tstatus:200\t"
	var all []string
	for _, ua := range []string{"2026/11/28", "2026-11-28T00:00:00Z", "12", "1.5", "true", "192.0.2.1", "{", "[]",
		"null",
		"-", "", "\\x00", strings.Repeat("A", 40_000), "<script>", "${jndi:ldap://127.0.0.1/a}", "%{x}", "\u202e\u0000"} {
		all = append(all, request+"ua:"+ua)
	}
	for range 300 {
		all = append(all, fmt.Sprintf("%sua:x\tcookie:c%x=%x; d%x=2026/11/28", request, f.Rand.Uint64(), f.Rand.Uint64(),
			f.Rand.Uint64()))
	}
	for _, cookie := range []string{"a=1; a.b=2", "a.b.c=1; a=2", ".=1", "..=1", "a..b=1", ".a=1", "a.=1", "=1", "a",
		";;;",
		"_id=1", "_source=1", "a=1; a=2; a=3", "__proto__=1", strings.Repeat("n", 40_000) + "=1", strings.Repeat("a.",
			5000) + "a=1",
		"a=\"b; c=d", "a=%zz", "sid=2026/11/28; theme=" + strings.Repeat("x", 40_000)} {
		all = append(all, request+"ua:x\tcookie:"+cookie)
	}
	return f.lines(ctx, "ltsv", all...)
}

func jsonDepth(ctx context.Context, f *Field) error {
	n := choose(f, 1000, 10_000, 100_000, largest/10)
	for _, topic := range []string{"json", "envelope"} {
		if err := f.lines(ctx, topic, strings.Repeat("[", largest), strings.Repeat(`{"a":`, largest/5),
			`{"vhost":"hostile","a":`+strings.Repeat("[", n)+strings.Repeat("]", n)+"}",
			`{"vhost":"hostile","id":`+strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n)+"}"); err != nil {
			return err
		}
	}
	return nil
}

func jsonNumbers(ctx context.Context, f *Field) error {
	var all []string
	for _, n := range []string{"1e999999999", "1e-999999999", strings.Repeat("9", 900_000), "0." + strings.Repeat("0",
		900_000) + "1",
		"-0", "1E+400", "9223372036854775808", "-9223372036854775809", "NaN", "Infinity", "0x10", "01", "1.", ".5", "1e",
		"--1"} {
		for _, field := range []string{"status", "size", "reqtime", "n", "time"} {
			all = append(all, `{"vhost":"hostile","`+field+`":`+n+`}`)
		}
	}
	return f.lines(ctx, "json", all...)
}

func jsonTypes(ctx context.Context, f *Field) error {
	var all []string
	for _, field := range []string{"id", "time", "vhost", "status", "size", "reqtime", "ua", "cookie", "host", "req"} {
		for _, v := range []string{`{}`, `[]`, `[1,"a",{}]`, `true`, `null`, `"2026/11/28"`, `"NaN"`, `1`, `1.5`,
			`{"a":{"b":1}}`,
			`"\u0000"`, `"\ud800"`, "\"\xff\"", `"0000-00-00T00:00:00Z"`, `"2262-04-12T00:00:00Z"`,
			`"9999-12-31T23:59:59.999999999Z"`} {
			all = append(all, `{"`+field+`":`+v+`}`, `{"vhost":"hostile","`+field+`":`+v+`}`)
		}
	}
	return f.lines(ctx, "json", all...)
}

func jsonNames(ctx context.Context, f *Field) error {
	fields := times(40_000, func(i int) string { return fmt.Sprintf(`"f%x":1,`, f.Rand.Uint32()) })
	return f.lines(ctx, "json", `{`+fields+`"vhost":"hostile"}`, `{"vhost":"hostile",`+strings.Repeat(`"a":1,`,
		100_000)+`"b":1}`,
		`{"vhost":"hostile","":1}`, `{"vhost":"hostile","a.b":1,"a":{"b":2},"a.b.c":3}`,
		`{"vhost":"hostile","_id":"1","_index":"x"}`,
		`{"vhost":"hostile","`+strings.Repeat("n", 500_000)+`":1}`, `{"vhost":"hostile","`+strings.Repeat("a.",
			20_000)+`":1}`,
		`{"vhost":"hostile","\u0000":1,"\n":2,"..":3,".":4," ":5}`, `{"vhost":"hostile","vhost":"other","id":"1","id":2}`)
}

func partitionValues(ctx context.Context, f *Field) error {
	values := []string{"..", ".", ".snapshot", ".reserved", "../../../near", "/etc/passwd", "a/../../b", "%2e%2e",
		"a\\nb", "",
		" ", "+tmp", "+commits", "_hidden", ".hidden", "a:b", "a=b", "~", "*", "{a,b}", "\\u0000", strings.Repeat("v", 300),
		strings.Repeat("w", 9000), strings.Repeat("\u00e4", 200), "\\ud83d\\ude00", "__HIVE_DEFAULT_PARTITION__"}
	var all []string
	for _, v := range values {
		all = append(all, `{"vhost":"`+v+`","status":200}`)
	}
	for range f.many(500, 10_000) {
		all = append(all, fmt.Sprintf(`{"vhost":"p%x"}`, f.Rand.Uint32()))
	}
	return f.lines(ctx, "json", all...)
}

func manyServers(ctx context.Context, f *Field) error {
	all := []string{`{"vhost":"` + strings.Repeat("v", 900_000) + `"}`, `{"vhost":"` + strings.Repeat("v", 40_000) +
		`"}`}
	for range 20 {
		// In one partition of the sink for HDFS these are one directory each: most go to an own topic.
		all = append(all, fmt.Sprintf(`{"vhost":"%s%x"}`, strings.Repeat("long", 1000), f.Rand.Uint64()))
	}
	return f.lines(ctx, "json", all...)
}

func oneLargeCount(ctx context.Context, f *Field) error {
	var all []string
	for i := range f.many(4000, 60_000) {
		all = append(all, fmt.Sprintf(`{"vhost":"hostile","status":%d,"reqtime":%de-%d}`, i, 1+f.Rand.IntN(9),
			f.Rand.IntN(300)))
	}
	return f.lines(ctx, "json", all...)
}

func oddHeaders(ctx context.Context, f *Field) error {
	var headers []kgo.RecordHeader
	for i, v := range []string{strings.Repeat("[", 50_000), strings.Repeat(`{"a":`, 10_000), "1e999999999",
		"9999-12-31T23:59:59Z",
		strings.Repeat("9", 50_000), "\"", "\\", "{a:b}", "[1,2,\"", "true", "null", "\xff\xfe", ""} {
		headers = append(headers, kgo.RecordHeader{Key: fmt.Sprintf("h%d", i), Value: []byte(v)})
	}
	for _, name := range []string{"__connect.errors.topic", "__connect.errors.offset", "__streams.errors.topic", "",
		"\xff",
		"a\nb", strings.Repeat("n", 50_000)} {
		headers = append(headers, kgo.RecordHeader{Key: name, Value: []byte("forged")})
	}
	if err := everywhere(ctx, f, kgo.Record{Value: []byte("neither LTSV nor JSON"), Headers: headers}); err != nil {
		return err
	}
	return everywhere(ctx, f, kgo.Record{Value: []byte(`{"vhost":"hostile"}`), Headers: headers})
}
