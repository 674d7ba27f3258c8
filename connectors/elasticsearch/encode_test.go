package elasticsearch

import "github.com/suiro/suiro/connect/data"

var accessSchema = &data.Schema{Kind: data.Struct, Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "status", Schema: &data.Schema{Kind: data.Int32}},
}}
