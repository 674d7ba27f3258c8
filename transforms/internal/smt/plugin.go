package smt

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

const javaPackage = "org.apache.kafka.connect.transforms."

// Plugin describes a transform as a worker loads it. C is its configuration, as
// values are decoded into it; validate checks rules over several keys and may be
// nil.
func Plugin[C any, T connect.Transform](name, doc string, def *config.Def, validate func(config.Values) config.Errors,
	create func(C) (T, error)) connect.TransformPlugin {
	return connect.TransformPlugin{
		Info: connect.Info{Class: javaPackage + name, Doc: doc, Def: def, Validate: validate},
		New: func(v config.Values) (connect.Transform, error) {
			if validate != nil {
				if err := validate(v).OrNil(); err != nil {
					return nil, err
				}
			}
			var c C
			v.Decode(&c)
			return create(c)
		},
	}
}

// On fixes the part of the record that a transform works on.
func On[C any, T connect.Transform](p Part, create func(Part, C) (T, error)) func(C) (T, error) {
	return func(c C) (T, error) { return create(p, c) }
}
