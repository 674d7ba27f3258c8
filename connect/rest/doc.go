// Package rest is the HTTP side of a Connect worker: Kafka Connect's paths,
// bodies and status codes over any [herder.Herder]. [Routes] is the table of what it
// answers, and GET /openapi.json the same for programs. The functions of a resource are in
// one file.
//
// # Errors
//
// An error is {"error_code":…,"message":…}. The answers that Kafka Connect's
// router gives, such as 404 for a path that is not in the table, have no
// Content-Type, in Kafka Connect as in this package.
//
// # The leader of a cluster
//
// What the herder leaves to the leader is sent on to it, once or, when the leader has
// just changed, twice: the parameter forward is absent in what a client sends, true in
// what the first worker sends on and false in what the second does. A leader that has
// not got the request, as it is away or starting, is waited for as long as a request may
// take; Kafka Connect answers 500 at once. What workers ask of each other is signed; the
// herder checks it ([herder.Peers]), and [Leader] asks.
//
// # Differences from Kafka Connect
//
//   - A mistake of the client is answered with 400 where Kafka Connect answers 500 with
//     a message of Java's: a body that is missing, null, no JSON, or of another type or
//     with other fields than expected, and a configuration to validate without a class
//     or with one that nobody knows. Clients may try again what was answered with 500.
//   - The same holds for an unknown initial_state, and for offsets that the plugin of a
//     source or Kafka refuses.
//   - Offsets of which one has no key offset are refused, where Kafka Connect takes that for null and
//     forgets the offset.
//   - A change is answered with 503 while the worker starts or stops. Kafka Connect has
//     no answers then.
//   - Keys are described in words of their own, and the keys of this worker alone,
//     such as errors.restart.max, are among them; those without effect here, such as
//     connector.plugin.version, are not.
//   - In an answer of validate an unknown key is an error, and a value that cannot be
//     parsed is one error; Kafka Connect also says that it is null.
//   - Messages name no Java classes, and of a configuration without a class they show
//     the keys alone, as a value may be a password.
//   - There is one version of each plugin, so that a version other than it or latest,
//     or a range, is answered with 400.
//   - A body of more than 1 MiB, the length of a record that Kafka takes by default,
//     is answered with 413, except that the tasks of a connector, which workers
//     send, may have 4 MiB. One with more than [api.MaxKeys] keys, with a key twice or
//     with something after it is answered with 400.
//   - An answer shows no secret: neither the values of keys of type PASSWORD, unless
//     they are references such as ${file:/run/secrets/kafka:password}, nor the user
//     information of URLs and the like, in configurations of connectors and tasks as in
//     errors. What a client reads as [hidden] and sends back for the same connector
//     stands for what it was; anywhere else it is refused.
//   - A path with an empty segment, with dots or with what is not UTF-8 is answered
//     with 404. A name may have any character, escaped: %2F is part of it.
//   - GET /health says besides whether brokers can be reached, and what has failed.
//     It does not turn unhealthy while brokers are away, as a restart would not bring
//     them back. GET /ready is Suiro's own.
//
// # Loggers
//
// The loggers of a standalone worker are root, herder, worker, kafka for what
// Kafka's client logs, and connector.NAME for each connector. A level holds for a
// logger and all below it. Kafka Connect's are named for Java classes.
//
// # Who may ask
//
// Package access finds out who calls and what the caller may do. What keeps pages of
// other sites and slow clients away is the server's, package httpserve; a body must say
// that it is JSON, which no form of a page can.
package rest
