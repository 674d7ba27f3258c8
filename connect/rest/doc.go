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
// DESIGN.md of this folder lists every request that is answered otherwise, with the reason,
// and a test holds the list to what a worker of Kafka Connect answers. In short: a mistake of
// the client is 400 where Kafka Connect answers 500 with a message of Java's; what would
// have no effect or could not work is refused; a name may have any character, escaped: %2F
// is part of it. Beyond that:
//
//   - A change is answered with 503 while the worker starts or stops. Kafka Connect has
//     no answers then.
//   - A body of more than 1 MiB, the length of a record that Kafka takes by default,
//     is answered with 413, except that the tasks of a connector, which workers
//     send, may have 4 MiB. One with more than [api.MaxKeys] keys, with a key twice or
//     with something after it is answered with 400.
//   - An answer shows no secret: neither the values of keys of type PASSWORD, unless
//     they are references such as ${file:/run/secrets/kafka:password}, nor the user
//     information of URLs and the like, in configurations of connectors and tasks as in
//     errors. What a client reads as [hidden] and sends back for the same connector
//     stands for what it was; anywhere else it is refused.
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
