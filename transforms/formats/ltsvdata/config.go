package ltsvdata

import (
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// The keys of [Keys] that package ltsvjson does not have.
const (
	keySchemas = "schemas.enable"
	keyName    = "ltsv.schema.name"
)

// Keys returns the keys that configure how LTSV becomes data, for the definition of a
// converter or a transform.
func Keys() []config.Key {
	keys := ltsvjson.Keys()
	for i := range keys {
		if keys[i].Name == "ltsv.times" {
			keys[i].NoEffect = "a time becomes a Timestamp, not text"
			keys[i].Doc = "Accepted and without effect: a time becomes a Timestamp, not text."
		}
	}
	return append([]config.Key{
		{Name: keySchemas, Type: config.Boolean, Default: false,
			Doc: "Whether data has a schema, of the labels of ltsv.keep."},
		{Name: keyName, Type: config.String, Default: "suiro.Ltsv", Importance: config.Low, Doc: "Name of the schema."},
	}, keys...)
}

// Check applies the rules over several keys of [Keys].
func Check(v config.Values) config.Errors {
	var errs config.Errors
	if v.Bool(keySchemas) && len(v.List("ltsv.keep")) == 0 {
		errs = append(errs, config.Errorf("ltsv.keep", "", "list the labels of the schema, because %s is true", keySchemas))
	}
	if o, err := ltsvjson.FromValues(v); err == nil {
		if _, err := ltsvjson.New(o); err != nil {
			errs = append(errs, config.Errorf("ltsv.keep", strings.Join(v.List("ltsv.keep"), ","), "%v", err))
		}
	}
	return errs
}

// FromValues returns the options that the values of [Keys] ask for, without a
// Replacement.
func FromValues(v config.Values) (Options, error) {
	read, err := ltsvjson.FromValues(v)
	if err != nil {
		return Options{}, err
	}
	return Options{Options: *read, Schema: v.Bool(keySchemas), Name: v.String(keyName)}, nil
}
