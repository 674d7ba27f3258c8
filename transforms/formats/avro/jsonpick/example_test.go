package jsonpick_test

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/jsonpick"
)

var access = &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "x-cache", Schema: &data.Schema{Kind: data.String, Optional: true}},
}}

func ExamplePicker_Append() {
	codec, err := avro.NewCodec(access)
	if err != nil {
		fmt.Println(err)
		return
	}
	picker, err := jsonpick.New(codec, nil)
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
	// field "host": avro value: the field is missing, is not optional and has no default
}
