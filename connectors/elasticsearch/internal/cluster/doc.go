// Package cluster speaks to one Elasticsearch cluster: it sends requests, reads
// answers, and says what went wrong. It retries nothing; that is the business of
// who calls.
//
// Only esapi and the transport of Elasticsearch's client are imported: the
// client's root package brings its typed API along, 43 s of compiling on two
// cores.
package cluster
