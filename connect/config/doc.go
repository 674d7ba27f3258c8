// Package config declares a component's configuration once: a [Def] lists the
// keys with type, default, validator and a plain sentence or two, and parsing,
// REST validation, command line flags, error texts and reference pages all
// come from it. It follows Kafka's ConfigDef in names, types and rules.
//
// A component writes
//
//	var def = config.New(
//		config.Key{Name: "file", Type: config.String, Required: true, Doc: "Path of the file to read."},
//		config.Key{Name: "batch.size", Type: config.Int, Default: 2000, Valid: config.AtLeast(1), Doc: "Records per poll."},
//	)
//	values, err := def.Parse(props)
//
// and reads typed values by name, or all of them into a struct with
// [Values.Decode]. Parse reports every bad key at once, as an [Errors]; a
// [Password] never appears in it. [Def.Validate] gives an answer for each key
// instead, as the REST endpoint that validates a configuration does.
//
// A Def is immutable after New and safe for concurrent use; so are [Values].
package config
