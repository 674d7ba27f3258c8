package kafka

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

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
	keys = append(keys, tlsconfig.Keys("")...)
	return append(keys, passwordKeys()...)
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

// passwordKeys are in many a properties file and say nothing about PEM.
func passwordKeys() []config.Key {
	return []config.Key{
		{Name: "ssl.truststore.password", Type: config.Password, Importance: config.Low,
			Doc: "Not used: a PEM trust store has no password."},
		{Name: "ssl.keystore.password", Type: config.Password, Importance: config.Low,
			Doc: "Not used: a PEM key store has no password."},
		{Name: "ssl.key.password", Type: config.Password, Importance: config.High,
			Doc: "Password of the private key; an encrypted key is refused with the command that decrypts it."},
	}
}
