// Package rest is the HTTP side of a Connect worker: Kafka Connect's paths,
// bodies and status codes, and /metrics for Prometheus.
//
//	GET /                                 version and cluster
//	GET /health                           whether the worker is ready
//	GET /connectors                       names; ?expand=status, ?expand=info
//	GET /connectors/{c}                   configuration and tasks
//	GET /connectors/{c}/config            configuration
//	GET /connectors/{c}/status            states
//	GET /connectors/{c}/tasks             configurations of the tasks
//	GET /connectors/{c}/tasks/{t}/status  state of a task
//	GET /connector-plugins                ?connectorsOnly=false for all kinds
//	GET /metrics                          counters and gauges
//
// An error is {"error_code":…,"message":…}. Answers that the router gives, 404,
// 405 and 406, have no Content-Type, as there.
//
// The API has no authentication, so it belongs on a private address.
package rest
