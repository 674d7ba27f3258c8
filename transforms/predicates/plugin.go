package predicates

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

const javaPackage = "org.apache.kafka.connect.transforms.predicates."

// plugin describes a predicate as a worker loads it. C is its configuration, as
// values are decoded into it.
func plugin[C any, P connect.Predicate](name, doc string, def *config.Def,
	create func(C) (P, error)) connect.PredicatePlugin {
	return connect.PredicatePlugin{
		Info: connect.Info{Class: javaPackage + name, Doc: doc, Def: def},
		New: func(v config.Values) (connect.Predicate, error) {
			var c C
			v.Decode(&c)
			return create(c)
		},
	}
}
