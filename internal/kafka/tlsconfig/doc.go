// Package tlsconfig turns Kafka's ssl keys into a [tls.Config].
//
// A component adds [Keys] to its own with [config.Def.With], under the prefix
// that its keys have, and hands the values to [New]:
//
//	schema.registry.ssl.truststore.location=/etc/kafka/ca.pem
//	schema.registry.ssl.keystore.location=/etc/kafka/client.pem
//
// Certificates and keys are PEM, in a file or in the value itself. A Java key
// store (JKS, PKCS12) is refused with the command that converts it, and so is
// an encrypted private key. As in Kafka, a key store is a file or texts, not
// both.
//
// A server's keys are [ServerKeys], and [NewServer] reads them.
//
// The peer's certificate is always verified, and so is the host name in it,
// unless ssl.endpoint.identification.algorithm is empty. TLS 1.2 is the lowest
// version.
package tlsconfig
