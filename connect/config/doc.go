// Package config declares a component's configuration once: a [Def] lists the
// keys with type, default, validator and a plain sentence or two, and parsing,
// REST validation, command line flags, error texts and reference pages all
// come from it. It follows Kafka's ConfigDef in names, types and rules.
//
// A component declares its keys by the struct that takes their values:
//
//	type settings struct {
//		File  string `config:"file" doc:"Path of the file to read."`
//		Batch int    `config:"batch.size" default:"2000" valid:"min=1" doc:"Records in a poll."`
//	}
//
//	var def = config.For[settings]()
//
//	values, err := def.Parse(props)
//	var s settings
//	values.Decode(&s)
//
// Parse reports every bad key at once, as an [Errors]; a [Password] never appears
// in it. [Def.Validate] gives an answer for each key instead, as the REST endpoint
// that validates a configuration does.
//
// # For or New
//
// [For] is for the author of a plugin: one struct holds all keys, and each is
// written once. A key that needs a validator in code, or a default that is
// computed, gets it with [Def.Change].
//
// [New] takes the keys as values. It is for keys that no single struct holds:
// those that are read by name, shared between components whose structs differ, or
// known only while the program runs. [Def.With] adds such keys to a Def of
// either kind.
//
// A Def is immutable and safe for concurrent use; so are [Values].
package config
