package jsontext

import "github.com/valyala/fastjson"

// Last returns the value of key, nil when there is none or object is nil. Of a
// key that occurs twice the last counts; fastjson's Get returns the first.
func Last(object *fastjson.Object, key string) (out *fastjson.Value) {
	object.Visit(func(k []byte, v *fastjson.Value) {
		if string(k) == key {
			out = v
		}
	})
	return out
}

// Shown returns the JSON of v, cut short for an error.
func Shown(v *fastjson.Value) string {
	const longest = 40
	shown := v.String()
	if len(shown) > longest {
		shown = shown[:longest] + "…"
	}
	return shown
}
