package smt

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// ReplaceNull declares the key of transforms that read fields with defaults.
func ReplaceNull() config.Key {
	return config.Key{Name: "replace.null.with.default", Type: config.Boolean, Default: true, Importance: config.Medium,
		Doc: "Whether null becomes the default of a field that has one."}
}

// WithDefault returns v, or the default of its schema where v is null and
// replace says so.
func WithDefault(s *data.Schema, v any, replace bool) any {
	if v == nil && s != nil && replace {
		return s.Default
	}
	return v
}
