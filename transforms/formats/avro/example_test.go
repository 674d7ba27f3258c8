package avro_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

var access = &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "x-cache", Schema: &data.Schema{Kind: data.String, Optional: true}},
}}

func ExampleSchemaText() {
	text, err := avro.SchemaText(access)
	fmt.Println(text, err)
	// Output:
	// {"type":"record","name":"Access","namespace":"suiro","fields":[{"name":"host","type":"string"},{"name":"x_cache","type":["null","string"],"default":null,"suiro.name":"x-cache"}]} <nil>
}

func ExamplePicker_Append() {
	codec, err := avro.NewCodec(access)
	if err != nil {
		fmt.Println(err)
		return
	}
	picker, err := avro.NewPicker(codec, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	datum, err := picker.Append(nil, []byte(`{"host":"web-1","status":200,"x-cache":"HIT"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	value, err := codec.Decode(datum)
	fmt.Println(value, err)
	_, err = picker.Append(nil, []byte(`{"status":200}`))
	fmt.Println(err)
	// Output:
	// map[host:web-1 x-cache:HIT] <nil>
	// field "host": avro value: missing, and neither optional nor with a default in the schema
}

func ExampleConverter() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "access.avsc")
	schema := `{"type":"record","name":"Access","fields":[{"name":"host","type":"string"},{"name":"status","type":"int"}]}`
	if err := os.WriteFile(file, []byte(schema), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	values, err := avro.Def().Parse(map[string]string{"schema.file": file})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := avro.NewConverter(values, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	raw, err := c.FromConnect("access", nil, map[string]any{"host": "web-1", "status": int64(200)})
	fmt.Printf("%q %v\n", raw, err)
	_, value, err := c.ToConnect("access", raw)
	fmt.Println(value, err)
	// Output:
	// "\nweb-1\x90\x03" <nil>
	// map[host:web-1 status:200] <nil>
}

func ExampleFileWriter() {
	var file bytes.Buffer
	w, err := avro.NewFileWriter(&file, access, avro.CodecSnappy)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Write(map[string]any{"host": "web-1", "x-cache": nil}); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	r, err := avro.NewFileReader(&file)
	for err == nil {
		var value any
		if value, err = r.Read(); err == nil {
			fmt.Println(value)
		}
	}
	fmt.Println(err == io.EOF)
	// Output:
	// map[host:web-1 x-cache:<nil>]
	// true
}
