// Package access decides who may call what of a worker's REST API. Kafka Connect
// leaves that to REST extensions; its own one, for basic authentication, knows users and
// no roles.
//
// A worker without rest.authentication has no [Lock] and answers everyone. With it a
// request is that of a [Caller], by one of these:
//
//	basic        a name and a password (RFC 7617), against bcrypt hashes in a file
//	bearer       a JSON Web Token (RFC 6750, RFC 7519), against the keys of its issuer
//	certificate  the common name of the client's certificate, which TLS has verified
//
// and rest.roles, or a claim of the token, says what the caller may do:
//
//	read     look at connectors and at their states, offsets and configurations
//	operate  also pause, resume, stop and restart them
//	admin    also create, change and delete them, alter offsets, and set levels of logs
//
// A role is for all connectors or for those whose names match a pattern. [Lock.Handler]
// finds out who calls and refuses what the method and the path alone tell; the API asks
// [Caller.May] where the connector's name is in the body, and shows a list without
// what the caller may not read. Two kinds of requests pass without a login: /health and
// /ready, which probes of an orchestrator ask for, and the requests of one worker to
// another, which carry a signature of their own. Their caller then has no role, and the
// API names no connector to such a probe.
//
// # What is sent on
//
// A worker that is not the leader sends requests on to it, over a connection of its own.
// So that the caller neither gets the role of the worker nor loses its own, the worker says
// who calls, see [Caller.Vouch]:
//
//	X-Suiro-Caller            base64 of {"name":…,"roles":[…],"body":SHA-256,"time":seconds}
//	X-Suiro-Caller-Signature  algorithm, and base64 of the MAC of: caller, method, URI and
//	                          the header above, each on a line
//
// The MAC is made with the session key of the cluster, which Java workers have too; they
// ignore both headers. The roles are those that came with a token; the leader adds those of
// its own rest.roles. A request with a wrong signature is refused, whatever else it shows.
// Within five minutes, whoever can read what workers send each other can send it again.
package access
