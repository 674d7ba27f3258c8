// Package mirrormaker reads the properties file of Kafka's MirrorMaker 2 and says which workers and
// connectors it asks for: for each flow, such as a->b, a worker of the cluster b with three
// connectors, under the names that MirrorMaker 2 gives them.
//
// A key of the file becomes keys of several parts, as in MirrorMaker 2: b.security.protocol is
// security.protocol of the worker of each flow to b, target.cluster.security.protocol of its
// connectors, and source.cluster.security.protocol of the connectors of each flow from b. A part is
// given the keys that it knows. What no part knows is an error, and errors and warnings name keys as
// the file does.
package mirrormaker
