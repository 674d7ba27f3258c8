package ltsvjson_test

import (
	"fmt"

	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

func ExampleEncoder_Append() {
	types, err := ltsv.ParseTypes([]string{"status:int", "time:time:apache"})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := ltsvjson.New(&ltsvjson.Options{
		Drop:    []string{"ident"},
		Types:   types,
		Cookies: []string{"cookie"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	line := "time:[10/Oct/2000:13:55:36 -0700]\tident:-\tuser:-\tstatus:200\tcookie:q=%E6%B0%B4; n=1"
	object, err := e.Append(nil, []byte(line))
	fmt.Println(string(object), err)
	// Output:
	// {"time":"2000-10-10T20:55:36.000Z","user":null,"status":200,"cookie":{"q":"水","n":"1"}} <nil>
}
