// Package rest is the HTTP side of a Connect worker: Kafka Connect's paths,
// bodies and status codes over any [herder.Herder].
//
//	GET /                                      version and cluster
//	GET /health                                whether the worker is ready
//	GET /connectors                            names; ?expand=status, ?expand=info
//	GET /connectors/{c}                        configuration and tasks
//	GET /connectors/{c}/config                 configuration
//	GET /connectors/{c}/status                 states
//	GET /connectors/{c}/tasks                  configurations of the tasks
//	GET /connectors/{c}/tasks/{t}/status       state of a task
//	GET /connectors/{c}/topics                 topics that the connector uses
//	PUT /connectors/{c}/topics/reset           forget them
//	GET /connector-plugins                     ?connectorsOnly=false for all kinds
//	GET /connector-plugins/{p}/config          keys of a plugin
//	PUT /connector-plugins/{p}/config/validate a configuration, key by key
//	GET /admin/loggers                         levels of all loggers
//	GET /admin/loggers/{l}                     level of one
//	PUT /admin/loggers/{l}                     set it; ?scope=cluster on all workers
//
// The table in routes.go is all of it: a method, a path and the function that
// answers. The functions of a resource are in one file.
//
// # Errors
//
// An error is {"error_code":…,"message":…}. The answers that Kafka Connect's
// router gives, such as 404 for a path that is not in the table, have no
// Content-Type, in Kafka Connect as in this package. A body that is not the JSON
// that was expected is answered with 500, as Kafka Connect does.
//
// # Differences from Kafka Connect
//
//   - Keys are described in words of their own, and the keys of this worker alone,
//     such as errors.restart.max, are among them; those without effect here, such as
//     connector.plugin.version, are not.
//   - In an answer of validate an unknown key is an error, and a value that cannot be
//     parsed is one error; Kafka Connect also says that it is null.
//   - Messages name no Java classes, and of a configuration without a class they show
//     the keys alone, as a value may be a password.
//   - There is one version of each plugin, so that a version other than it or latest,
//     or a range, is answered with 400.
//   - A body of more than 4 MiB is answered with 413.
//
// # Loggers
//
// The loggers of a standalone worker are root, herder, worker, kafka for what
// Kafka's client logs, and connector.NAME for each connector. A level holds for a
// logger and all below it. Kafka Connect's are named for Java classes.
//
// The API has no authentication, so it belongs on a private address.
package rest
