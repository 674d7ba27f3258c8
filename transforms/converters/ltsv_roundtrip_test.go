package converters

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/jsonpick"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// access are the keys an access log is read with.
var access = []string{
	"schemas.enable=true", "ltsv.schema.name=suiro.Access",
	"ltsv.keep=time,host,ident,user,req,method,uri,protocol,status,size,referer,ua,reqtime,x-cache,cookie",
	"ltsv.types=time:time:apache,status:int,size:int,reqtime:float", "ltsv.cookies=cookie",
}

// accessOptions are what the keys of access say.
func accessOptions(t *testing.T) *ltsvjson.Options {
	props := map[string]string{}
	for _, p := range access {
		k, v, _ := strings.Cut(p, "=")
		props[k] = v
	}
	values, err := LTSVDef().Parse(props)
	if err != nil {
		t.Fatal(err)
	}
	o, err := ltsvjson.FromValues(values)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func accessLines(t *testing.T) [][]byte {
	text, err := os.ReadFile("testdata/access.ltsv")
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	for line := range ltsv.Lines(text) {
		lines = append(lines, line)
	}
	return lines
}

// TestLTSVToJSONToAvroAndBack goes the whole way with each line of an access
// log: LTSV, JSON by the fast encoder, Avro by the picker, data, JSON by the
// converter, data again, and LTSV, which must be the line it began with.
func TestLTSVToJSONToAvroAndBack(t *testing.T) {
	c := ltsvConverter(t, access...)
	codec, err := avro.NewCodec(c.codec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	picker, err := jsonpick.New(codec, nil)
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := ltsvjson.New(accessOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	values, err := JSONDef().Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	envelope := NewJSON(values)
	for i, line := range accessLines(t) {
		json, err := encoder.Append(nil, line)
		if err != nil {
			t.Fatalf("line %d to JSON: %v", i+1, err)
		}
		datum, err := picker.Append(nil, json)
		if err != nil {
			t.Fatalf("line %d to Avro: %v", i+1, err)
		}
		v, err := codec.Decode(datum)
		if err != nil {
			t.Fatalf("line %d from Avro: %v", i+1, err)
		}
		raw, err := envelope.FromConnect("t", c.codec.Schema(), v)
		if err != nil {
			t.Fatalf("line %d to an envelope: %v", i+1, err)
		}
		schema, v, err := envelope.ToConnect("t", raw)
		if err != nil {
			t.Fatalf("line %d from an envelope: %v", i+1, err)
		}
		got, err := c.FromConnect("t", schema, v)
		if err != nil {
			t.Fatalf("line %d to LTSV: %v", i+1, err)
		}
		if !bytes.Equal(got, line) {
			t.Errorf("line %d came back as\n got %s\nwant %s", i+1, got, line)
		}
	}
}

// TestLTSVConverterAndEncoderAgree holds the two ways from LTSV to JSON together.
func TestLTSVConverterAndEncoderAgree(t *testing.T) {
	c := ltsvConverter(t, access[1:]...)
	encoder, err := ltsvjson.New(accessOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	values, err := JSONDef().Parse(map[string]string{"schemas.enable": "false"})
	if err != nil {
		t.Fatal(err)
	}
	plain := NewJSON(values)
	for i, line := range accessLines(t) {
		fast, err := encoder.Append(nil, line)
		if err != nil {
			t.Fatal(err)
		}
		_, want, err := plain.ToConnect("t", fast)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := c.ToConnect("t", line)
		if err != nil {
			t.Fatal(err)
		}
		m := got.(map[string]any)
		if m["time"], err = timeText(encoder, line); err != nil {
			t.Fatal(err)
		}
		a, errA := plain.FromConnect("t", nil, got)
		b, errB := plain.FromConnect("t", nil, want)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("line %d\n converter %s, %v\n   encoder %s, %v", i+1, a, errA, b, errB)
		}
	}
}

// timeText is the time as the encoder writes it: data has a time there.
func timeText(e *ltsvjson.Encoder, line []byte) (string, error) {
	json, err := e.Append(nil, line)
	_, rest, _ := strings.Cut(string(json), `"time":"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text, err
}

// TestAvroMessagesToLTSV goes from LTSV through a converter with a schema file
// and back.
func TestAvroMessagesToLTSV(t *testing.T) {
	c := ltsvConverter(t, access...)
	text, err := avro.SchemaText(c.codec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/access.avsc"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	values, err := AvroDef().Parse(map[string]string{"schema.file": path})
	if err != nil {
		t.Fatal(err)
	}
	avro, err := NewAvro(values, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range accessLines(t) {
		s, v, err := c.ToConnect("t", line)
		if err != nil {
			t.Fatal(err)
		}
		datum, err := avro.FromConnect("t", s, v)
		if err != nil {
			t.Fatalf("line %d to Avro: %v", i+1, err)
		}
		s, v, err = avro.ToConnect("t", datum)
		if err != nil {
			t.Fatalf("line %d from Avro: %v", i+1, err)
		}
		got, err := c.FromConnect("t", s, v)
		if err != nil || !bytes.Equal(got, line) {
			t.Errorf("line %d came back as\n got %s, %v\nwant %s", i+1, got, err, line)
		}
	}
}
