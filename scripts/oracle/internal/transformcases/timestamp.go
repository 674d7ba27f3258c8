package transformcases

import (
	"math"
	"strconv"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// pattern is one of SimpleDateFormat with what Go's time calls the same, empty
// where Go has no such layout.
type pattern struct{ java, layout string }

var patterns = []pattern{
	{"yyyy-MM-dd", "2006-01-02"}, {"yyyy-MM-dd HH:mm:ss", "2006-01-02 15:04:05"},
	{"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2006-01-02T15:04:05.000Z"},
	{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2006-01-02T15:04:05.000Z07:00"}, {"yyyy-MM-dd'T'HH:mm:ssX",
		"2006-01-02T15:04:05Z07"}, {"yyyy-MM-dd'T'HH:mm:ssXX", "2006-01-02T15:04:05Z0700"},
	{"yyyy-MM-dd HH:mm:ss Z", "2006-01-02 15:04:05 -0700"}, {"dd/MMM/yyyy:HH:mm:ss Z",
		"02/Jan/2006:15:04:05 -0700"}, {"EEE, d MMM yyyy HH:mm:ss z", "Mon, 2 Jan 2006 15:04:05 MST"},
	{"EEE MMM dd HH:mm:ss zzz yyyy", ""}, {"yyyyMMdd", "20060102"}, {"yyyyMMddHHmmss", "20060102150405"},
	{"h:mm a", "3:04 PM"}, {"HH:mm:ss", "15:04:05"}, {"HH:mm:ss.SSS", "15:04:05.000"},
	{"HH:mm:ss,SSS", "15:04:05,000"}, {"MM/dd/yy", "01/02/06"}, {"d.M.yyyy", "2.1.2006"}, {"EEEE dd MMMM yyyy",
		"Monday 02 January 2006"}, {"yyyy-DDD", "2006-002"}, {"yyyy", "2006"}, {"yy", "06"}, {"y", ""},
	{"yyyy-MM-dd hh:mm:ss a", "2006-01-02 03:04:05 PM"}, {"dd-MM-yyyy''HH", "02-01-2006'15"}, {"yyyy/M/d",
		"2006/1/2"}, {"H:m:s", ""}, {"kk:mm", ""}, {"K:mm a", ""}, {"YYYY-'W'ww", ""}, {"YYYY-MM-dd", ""},
	{"ss.S", ""}, {"ss.SS", ""}, {"yyyy-MM-dd'T'HH:mm:ss.SSSSSS", "2006-01-02T15:04:05.000000"},
	{"yyyy-MM-dd HH:mm:ss.SSSSSSSSS", ""}, {"SSS", ""}, {"HHmmssSSS", ""}, {"G yyyy", ""}, {"u", ""}, {"F",
		""}, {"D", ""}, {"w", ""},
	{"LLL yyyy", ""}, {"MMMMM", ""}, {"yyy", ""}, {"yyyyy-MM-dd", ""}, {"'T'", ""}, {"''", ""}, {"", ""}, {"'x",
		""}, {"b", ""}, {"yyyy-MM-dd'T'HH:mm:ssXXXX", ""}, {"yyyy年MM月dd日", "2006年01月02日"}, {"E", "Mon"}, {"EE",
		""}, {"a", ""},
	{"yyyy-MM-dd'T'HH:mm:ss'Z'", "2006-01-02T15:04:05Z"}, {"dd MMM yyyy", "02 Jan 2006"},
	{"MMM d, yyyy h:mm:ss a", "Jan 2, 2006 3:04:05 PM"},
}

var timeTexts = []string{
	"", " ", "2020-01-02", "2020-1-2", "20-01-02", "2020-13-45", "2020-02-30", "0000-01-01", "-2020-01-02",
	"02020-01-02", "12020-01-02", " 2020-01-02", "2020-01-02 ", "2020-01-02x", "2020-01-02 03:04:05",
	"2020-01-02 3:4:5", "2020-01-02 24:00:00", "2020-01-02 23:60:61",
	"2020-01-02T03:04:05.678Z", "2020-01-02T03:04:05.6Z", "2020-01-02T03:04:05.678901Z", "2020-01-02T03:04:05Z",
	"2020-01-02T03:04:05.678+09:00", "2020-01-02T03:04:05.678+0900", "2020-01-02T03:04:05+09",
	"2020-01-02 03:04:05 +0900", "2020-01-02 03:04:05 -0030",
	"2020-01-02 03:04:05 GMT", "2020-01-02 03:04:05 JST", "02/Jan/2020:03:04:05 +0000",
	"02/jan/2020:03:04:05 +0000", "02/JANUARY/2020:03:04:05 +0000", "2/Jan/2020:03:04:05 +0000",
	"Thu, 2 Jan 2020 03:04:05 GMT", "Fri, 2 Jan 2020 03:04:05 GMT", "thu, 2 jan 2020 03:04:05 UTC",
	"Thu, 2 Jan 2020 03:04:05 JST", "Thu, 2 Jan 2020 03:04:05 PST", "Thu, 2 Jan 2020 03:04:05 EST",
	"Thu, 2 Jan 2020 03:04:05 GMT+9", "Thu, 2 Jan 2020 03:04:05 GMT+09:00",
	"Thu, 2 Jan 2020 03:04:05 +0900", "Thu, 2 Jan 2020 03:04:05 Asia/Tokyo", "Thu, 2 Jan 2020 03:04:05 CET",
	"Thu, 2 Jan 2020 03:04:05 XYZ",
	"Thursday, 2 Jan 2020 03:04:05 UTC", "Thu Jan 02 03:04:05 UTC 2020", "20200102", "2020012", "202001020",
	"20200102030405", "3:04 PM", "3:04 pm", "03:04 AM", "15:04 PM", "0:04 AM", "12:04 AM", "03:04:05",
	"3:4:5", "25:00:00", "03:04:05.678", "03:04:05.6", "03:04:05,678",
	"01/02/20", "1/2/20", "01/02/2020", "01/02/49", "01/02/69", "01/02/99", "2.1.2020", "02.01.2020",
	"Thursday 02 January 2020", "Thu 02 Jan 2020", "2020-002", "2020-366", "2020-2", "2020", "20", "1",
	"99999", "2020-01-02 03:04:05 AM", "2020年01月02日", "2020-W01", "1577934245", "123", "AM", "null", "NaN",
}

func (g *gen) timestampTables() {
	g.instants()
	g.formats()
	g.timestampConfigs()
	g.timestampFields()
	g.onAll("TimestampConverter", true, cases.KV("target.type", "Timestamp"),
		cases.KV("target.type", "Timestamp", "field", "ts", "format", "yyyy-MM-dd"), cases.KV("target.type",
			"unix", "field", "a"),
		cases.KV("target.type", "string", "format", "yyyy-MM-dd", "field", "a"),
		cases.KV("target.type", "Date", "field", "ts", nullKey, "false"), cases.KV("target.type", "unix"))
}

func (g *gen) instants() {
	targets := []string{"string", "unix", "Date", "Time", "Timestamp"}
	instants := []int64{0, 1, -1, 999, -999, 1000, -1000, 86399999, 86400000, -86400000, -86400001,
		1700000000123, 951782399999, 1582934400000, -62135596800000, -62135596800001, 253402300799999,
		253402300800000, -12219292800000, -12219292800001,
		4102444800000, 1700000000000, math.MaxInt64, math.MinInt64, math.MaxInt32, 9223372036854775,
		-9223372036854775, 9223372036854776}
	for _, target := range targets {
		for _, precision := range []string{"seconds", "milliseconds", "microseconds", "nanoseconds"} {
			conf := cases.KV("target.type", target, "unix.precision", precision)
			if target == "string" {
				conf["format"] = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
			}
			for _, at := range instants {
				n := strconv.FormatInt(at, 10)
				unix, times := "unix", "time types"
				if at < -11_000_000_000_000 || at > 253402300799999 {
					unix, times = "extreme unix", "extreme time types"
				}
				g.smt(unix, "TimestampConverter$Value", conf, flat(cases.JSON(n)))
				g.smt(unix, "TimestampConverter$Value", conf, flat(cases.Envelope(`{"type":"int64"}`, n)))
				if precision == "seconds" || precision == "nanoseconds" {
					g.smt(times, "TimestampConverter$Value", conf,
						flat(cases.Envelope(`{"type":"int64","name":"`+cases.TimestampName+`","version":1}`,
							n)))
					g.smt(times, "TimestampConverter$Value", conf, flat(cases.Typed(nil, "t:"+n)))
				}
				if at%86400000 == 0 && at/86400000 < 1<<31 {
					g.smt(times, "TimestampConverter$Value", conf,
						flat(cases.Envelope(`{"type":"int32","name":"`+cases.DateName+`","version":1}`,
							strconv.FormatInt(at/86400000, 10))))
				}
				if at >= 0 && at < 86400000 {
					g.smt(times, "TimestampConverter$Value", conf,
						flat(cases.Envelope(`{"type":"int32","name":"`+cases.TimeName+`","version":1}`, n)))
				}
			}
		}
	}
}

func (g *gen) formats() {
	for _, p := range patterns {
		for _, at := range []int64{0, 1700000000123, 1583020800045, -1, 1577934245678, 1609459199999, 253402300799999} {
			g.smt("format", "TimestampConverter$Value", cases.KV("target.type", "string", "format", p.java),
				flat(cases.JSON(strconv.FormatInt(at, 10))))
		}
		for _, text := range timeTexts {
			g.smt("parse", "TimestampConverter$Value", cases.KV("target.type", "unix", "format", p.java),
				flat(cases.JSON(strconv.Quote(text))))
		}
		if p.layout != "" {
			for _, text := range timeTexts[:60] {
				g.smt("parse", "TimestampConverter$Value",
					cases.KV("target.type", "Timestamp", "format", p.java),
					flat(cases.Envelope(`{"type":"string"}`, strconv.Quote(text))))
			}
		}
	}
	for _, p := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yy", "d.M.yyyy"} {
		for _, at := range []int64{-62135596800000, -62135596800001, 253402300800000, -12219292800000,
			-12219292800001, math.MaxInt64, math.MinInt64} {
			g.smt("extreme format", "TimestampConverter$Value", cases.KV("target.type", "string", "format", p),
				flat(cases.JSON(strconv.FormatInt(at, 10))))
		}
	}
}

func (g *gen) timestampConfigs() {
	for _, conf := range []map[string]string{
		cases.KV(), cases.KV("target.type", ""), cases.KV("target.type", "String"),
		cases.KV("target.type", "date"), cases.KV("target.type", "unix", "field", "nope"),
		cases.KV("target.type", "string"),
		cases.KV("target.type", "string", "format", ""),
		cases.KV("target.type", "unix", "unix.precision", "x"),
		cases.KV("target.type", "unix", "unix.precision", "Seconds"),
		cases.KV("target.type", "unix", "unix.precision", ""), cases.KV("target.type", "unix", "format", "x"),
		cases.KV("target.type", "unix", "field", ""), cases.KV("target.type", "unix", "x", "y"),
		cases.KV("target.type", " unix "),
		cases.KV("target.type", "unix", nullKey, "x"),
		cases.KV("target.type", "unix", "field", "a.b"), cases.KV("target.type", "unix", "field", " ts "),
	} {
		g.smt("config", "TimestampConverter$Value", conf, flat(cases.JSON(`1700000000123`)))
		g.smt("config", "TimestampConverter$Value", conf, flat(cases.JSON(`{"ts":1700000000123,"a.b":5,"a":{"b":7}}`)))
	}
}

func (g *gen) timestampFields() {
	for _, field := range []string{"ts", "a", "nope"} {
		for _, v := range []string{`null`, `1700000000123`, `"2020-01-02"`, `"x"`, `1.5`, `true`, `[1]`,
			`{"x":1}`, `12345678901234567890`} {
			for _, target := range []string{"unix", "Timestamp", "string"} {
				g.smt("field", "TimestampConverter$Value",
					cases.KV("target.type", target, "field", field, "format", "yyyy-MM-dd"),
					flat(cases.JSON(`{"ts":`+v+`,"a":1}`)))
			}
		}
		for _, fs := range []string{`{"type":"int64","field":"ts"}`,
			`{"type":"int64","field":"ts","optional":true}`,
			`{"type":"int64","field":"ts","optional":true,"default":5000}`,
			`{"type":"int64","field":"ts","default":5000,"doc":"d"}`,
			`{"type":"int64","field":"ts","name":"` + cases.TimestampName + `","version":1,"doc":"d",` +
				`"parameters":{"a":"b"}}`,
			`{"type":"int64","field":"ts","name":"other"}`} {
			for _, v := range []string{`null`, `1700000000123`} {
				if v == "null" && !strings.Contains(fs, "optional") && !strings.Contains(fs, "default") {
					continue
				}
				for _, null := range []string{"true", "false"} {
					g.smt("field", "TimestampConverter$Value",
						cases.KV("target.type", "Timestamp", "field", field, nullKey, null),
						flat(cases.Envelope(`{"type":"struct","name":"n","optional":true,"fields":[`+fs+`,`+
							`{"type":"int8","field":"a","optional":true,"default":3}]}`,
							`{"ts":`+v+`}`)))
				}
			}
		}
	}
}
