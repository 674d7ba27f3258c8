// Package tlsconfig turns Kafka's ssl keys into a [tls.Config].
//
// A component adds [Keys] to its own with [config.Def.With], under the prefix
// that its keys have, and hands the values to [New]:
//
//	schema.registry.ssl.truststore.location=/etc/kafka/ca.pem
//	schema.registry.ssl.keystore.location=/etc/kafka/client.pem
//
// Certificates and keys are PEM, in a file or in the value itself, or in a Java key store
// (JKS, PKCS12), whatever type is named: what a file holds decides. As in Kafka, a key
// store is a file or texts, not both.
//
// A server's keys are [ServerKeys], and [NewServer] reads them.
//
// Files may be renewed while they are in use: a handshake that finds a changed file reads
// it, and goes on with what it held before when it cannot be used. So it is for all files
// of a server, and for the certificate of a client; the authorities that a client trusts
// are those that it was made with.
//
// The peer's certificate is always verified, and so is the host name in it,
// unless ssl.endpoint.identification.algorithm is empty. TLS 1.2 is the lowest
// version.
package tlsconfig
