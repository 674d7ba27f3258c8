package parsers

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

func TestBadTextBecomesADeadLetter(t *testing.T) {
	for _, c := range []struct {
		plugin connect.TransformPlugin
		workertest.TransformCase
	}{
		{ParseJSONValuePlugin(), workertest.TransformCase{
			In: [3]string{`{"n":1}`, `{"n":`, `{"n":2}`}, Want: [2]string{"map[n:1]", "map[n:2]"},
			Reason: "parse json in the value of topic in: invalid data: byte 5: unexpected end of JSON, want a value"}},
		{ParseLTSVValuePlugin(), workertest.TransformCase{Props: map[string]string{"ltsv.types": "status:int"},
			In: [3]string{"status:200", "status:many", "status:404"}, Want: [2]string{"map[status:200]", "map[status:404]"},
			Reason: "parse ltsv in the value of topic in: ltsv: line 1, byte 8, label \"status\": value does not fit its type: " +
				"\"many\" is not an int"}},
		{UnpackCookieValuePlugin(), workertest.TransformCase{Props: map[string]string{"cookies": "sid"},
			In: [3]string{"sid=1; lang=ja", "sid", "sid=2"}, Want: [2]string{"map[sid:1]", "map[sid:2]"},
			Reason: "parse cookie in the value of topic in: broken cookie: want name=value at \"sid\""}},
		{GeoIPValuePlugin(), workertest.TransformCase{Converter: workertest.JSONConverter,
			Props:  map[string]string{"field": "ip", "database.file": places, "fields": "city_name"},
			In:     [3]string{`{"ip":"192.0.2.1"}`, `{"ip":"192.0.2.256"}`, `{"ip":"10.0.0.1"}`},
			Want:   [2]string{"map[geoip:map[city_name:Kyoto] ip:192.0.2.1]", "map[geoip:<nil> ip:10.0.0.1]"},
			Reason: "parse ip address in the value of topic in: field \"ip\": \"192.0.2.256\" is not an IP address"}},
		{ParseUserAgentValuePlugin(), workertest.TransformCase{Converter: workertest.JSONConverter,
			Props:  map[string]string{"field": "agent"},
			In:     [3]string{`{"agent":"-"}`, `{"agent":5}`, `{"agent":null}`},
			Want:   [2]string{"map[agent:<nil>]", "map[agent:<nil>]"},
			Reason: "parse user agent in the value of topic in: field \"agent\": a number is not text"}},
	} {
		t.Run(c.plugin.Class, func(t *testing.T) { workertest.RunTransform(t, c.plugin, c.TransformCase) })
	}
}
