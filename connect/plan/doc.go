// Package plan compiles configuration into what runs.
//
// [ParseConfig] reads a worker's properties, and [Compile] a connector's on that
// worker. Each key is parsed once: the results are fields, the connector's own
// values, converters, transforms and the configuration of Kafka clients, ready
// for the worker to start. A herder validates a configuration by compiling it,
// and starts what it compiled:
//
//	p, errs, err := plan.Compile(worker, plugins, props)
//	if err != nil {
//		return err // no such connector
//	}
//	if len(errs) > 0 {
//		return errs // every key that is wrong
//	}
//	running, err := w.StartConnector(ctx, p, nil)
//
// Whoever compiled a plan calls [Connector.Close] when it needs the plan no longer.
// The worker has a use of its own for each connector and task that it runs; the last
// Close closes the converters and transforms that are an [io.Closer].
//
// The package opens no client and knows no task. A plan is immutable and safe
// for concurrent use.
//
// # Where a key comes from
//
// A client's keys are the worker's, overridden by the worker's under the role's
// prefix (producer., consumer., admin.), overridden by the connector's under its
// own (producer.override., …). Topics are created with the producer's connection,
// so that admin.override. keys are checked and have no effect.
//
// A connector that names a converter class has only its own keys for it, as in
// Kafka Connect: of the worker's key.converter.schemas.enable nothing is left
// when the connector sets key.converter, even to the same class. A connector
// that names no class has the worker's converter; there its own keys, which
// Kafka Connect ignores, override the worker's.
//
// # Values that are kept elsewhere
//
// A value may hold references such as ${file:/etc/suiro/search.properties:password}.
// The worker's key config.providers names what resolves them, for its own file and
// for connectors; ParseConfig and Compile do so once. A reference that nothing
// resolves is an error. Errors and the answers of [Validate] show the reference,
// never what stands for it, and [Connector.Props] are as the operator wrote them.
//
// # Unknown keys
//
// A key that nobody declares is an error that says where it belongs, or names the
// nearest known key. Keys that other parts of Kafka's ecosystem read, such as
// confluent.license or plugin.discovery, and those that a plugin declares with
// [config.Key.NoEffect], become [Worker.Warnings] and [Connector.Warnings], one
// each. A class that is not here is an error that says what to use instead.
package plan
