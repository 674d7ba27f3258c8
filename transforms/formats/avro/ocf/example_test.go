package ocf_test

import (
	"bytes"
	"fmt"
	"io"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

var access = &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "x-cache", Schema: &data.Schema{Kind: data.String, Optional: true}},
}}

func ExampleWriter() {
	codec, err := avro.NewCodec(access)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	w, err := ocf.NewWriter(&file, codec, &ocf.Options{Codec: ocf.CodecSnappy})
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
	r, err := ocf.NewReader(&file)
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
