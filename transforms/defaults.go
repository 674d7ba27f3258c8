package transforms

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// replaceNull declares the key of transforms that read fields with defaults.
func replaceNull() config.Key {
	return config.Key{Name: "replace.null.with.default", Type: config.Boolean, Default: true, Importance: config.Medium,
		Doc: "Whether null becomes the default of a field that has one."}
}

// withDefault returns v, or the default of its schema where v is null and
// replace says so.
func withDefault(s *data.Schema, v any, replace bool) any {
	if v == nil && s != nil && replace {
		return s.Default
	}
	return v
}
