package client

import "github.com/suiro/suiro/connect/config"

// The values of security.protocol.
const (
	protocolPlaintext     = "PLAINTEXT"
	protocolSSL           = "SSL"
	protocolSASLPlaintext = "SASL_PLAINTEXT"
	protocolSASLSSL       = "SASL_SSL"
)

// The values of sasl.mechanism.
const (
	mechanismPlain       = "PLAIN"
	mechanismScramSHA256 = "SCRAM-SHA-256"
	mechanismScramSHA512 = "SCRAM-SHA-512"
)

// Keys returns the keys that every Kafka client has: where the brokers are,
// time-outs and security. A component adds them to its own with
// [config.Def.With] and hands the values to [Options].
func Keys() []config.Key {
	keys := append(connectionKeys(), saslKeys()...)
	return append(keys, tlsKeys()...)
}

func connectionKeys() []config.Key {
	return []config.Key{
		{Name: "bootstrap.servers", Type: config.List, Default: "localhost:9092", Valid: config.NonEmpty(),
			Doc: "Brokers to start from, host:port with commas between; the others are found through them."},
		{Name: "client.id", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Name of this client in the brokers' logs and quotas."},
		{Name: "request.timeout.ms", Type: config.Int, Default: 30000, Valid: config.AtLeast(1), Importance: config.Medium,
			Doc: "How long to wait for a broker's answer."},
		{Name: "socket.connection.setup.timeout.ms", Type: config.Long, Default: 10000, Valid: config.AtLeast(1),
			Importance: config.Medium, Doc: "How long to wait for a connection."},
		{Name: "connections.max.idle.ms", Type: config.Long, Default: 540000, Valid: config.AtLeast(1),
			Importance: config.Low, Doc: "When an unused connection is closed."},
		{Name: "metadata.max.age.ms", Type: config.Long, Default: 300000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long it takes at most to see new partitions and moved leaders."},
		{Name: "security.protocol", Type: config.String, Default: protocolPlaintext, Importance: config.Medium,
			Valid: config.OneOf(false, protocolPlaintext, protocolSSL, protocolSASLPlaintext, protocolSASLSSL),
			Doc:   "Whether to encrypt (SSL) and to authenticate (SASL)."},
	}
}

func saslKeys() []config.Key {
	return []config.Key{
		{Name: "sasl.mechanism", Type: config.String, Importance: config.Medium,
			Valid: config.OneOf(false, mechanismPlain, mechanismScramSHA256, mechanismScramSHA512),
			Doc:   "How to authenticate; needed when security.protocol is SASL_PLAINTEXT or SASL_SSL."},
		{Name: "sasl.jaas.config", Type: config.Password, Importance: config.Medium,
			Doc: "User name and password in Kafka's syntax: LoginModule required username=\"…\" password=\"…\";"},
		{Name: "sasl.username", Type: config.String, Importance: config.Medium,
			Doc: "User name, instead of sasl.jaas.config."},
		{Name: "sasl.password", Type: config.Password, Importance: config.Medium,
			Doc: "Password, instead of sasl.jaas.config."},
	}
}

func tlsKeys() []config.Key {
	storeType := config.OneOf(true, "PEM", "JKS", "PKCS12")
	return []config.Key{
		{Name: "ssl.truststore.type", Type: config.String, Default: "PEM", Valid: storeType, Importance: config.Medium,
			Doc: "Form of the trust store; only PEM can be read."},
		{Name: "ssl.truststore.location", Type: config.String, Importance: config.High,
			Doc: "PEM file of the certificate authorities to trust; those of the system when empty."},
		{Name: "ssl.truststore.certificates", Type: config.Password, Importance: config.High,
			Doc: "The certificate authorities to trust as PEM text, instead of ssl.truststore.location."},
		{Name: "ssl.truststore.password", Type: config.Password, Importance: config.Low,
			Doc: "Not used: a PEM trust store has no password."},
		{Name: "ssl.keystore.type", Type: config.String, Default: "PEM", Valid: storeType, Importance: config.Medium,
			Doc: "Form of the key store; only PEM can be read."},
		{Name: "ssl.keystore.location", Type: config.String, Importance: config.High,
			Doc: "PEM file of the client's private key and certificate chain."},
		{Name: "ssl.keystore.password", Type: config.Password, Importance: config.Low,
			Doc: "Not used: a PEM key store has no password."},
		{Name: "ssl.keystore.certificate.chain", Type: config.Password, Importance: config.High,
			Doc: "The client's certificate chain as PEM text, instead of ssl.keystore.location."},
		{Name: "ssl.keystore.key", Type: config.Password, Importance: config.High,
			Doc: "The client's private key as PEM text, instead of ssl.keystore.location."},
		{Name: "ssl.key.password", Type: config.Password, Importance: config.High,
			Doc: "Password of the private key; an encrypted key is refused with the command that decrypts it."},
		{Name: "ssl.endpoint.identification.algorithm", Type: config.String, Default: "https", Importance: config.Low,
			Valid: config.OneOf(true, "https", ""),
			Doc:   "https compares the broker's host name with its certificate; empty does not."},
		{Name: "ssl.enabled.protocols", Type: config.List, Default: "TLSv1.2,TLSv1.3", Valid: tlsVersions(),
			Importance: config.Medium, Doc: "The TLS versions to offer."},
	}
}
