package kafka

import (
	"slices"

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

// commonKeys are the keys that every client has: where the brokers are,
// time-outs and security.
func commonKeys() []config.Key {
	return slices.Concat(connectionKeys(), saslKeys(), tlsconfig.Keys(""))
}

func connectionKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "bootstrap.servers", Type: config.List, Default: "localhost:9092", Valid: config.NonEmpty(),
			Doc: "Brokers to start from, host:port with commas between; the others are found through them."},
		{Name: "client.id", Type: config.String, Default: "", Valid: atMost(256), Importance: medium,
			Doc: "Name of this client in the brokers' logs and quotas."},
		{Name: "request.timeout.ms", Type: config.Int, Default: 30000, Valid: config.AtLeast(0), Importance: medium,
			Doc: "How long to wait for a broker's answer; less than 100 counts as 100, and more than 900000 as that."},
		{Name: "socket.connection.setup.timeout.ms", Type: config.Long, Default: 10000, Valid: config.AtLeast(1),
			Importance: medium, Doc: "How long to wait for a connection."},
		{Name: "connections.max.idle.ms", Type: config.Long, Default: 540000, Importance: low,
			Doc: "When an unused connection is closed; less than 100 counts as 100, and more than 900000 and -1 as 900000."},
		{Name: "metadata.max.age.ms", Type: config.Long, Default: 300000, Valid: config.AtLeast(0), Importance: low,
			Doc: "How long it takes at most to see new partitions and moved leaders; less than 100 counts as 100, and " +
				"more than 3600000 as that."},
		{Name: "security.protocol", Type: config.String, Default: protocolPlaintext, Importance: medium,
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
			Doc: "User name and password in Kafka's syntax, which begins with the class of a login module; the class does " +
				"not matter, and what follows is: required username=\"NAME\" password=\"WORD\";."},
		{Name: "sasl.username", Type: config.String, Importance: config.Medium,
			Doc: "User name, instead of sasl.jaas.config."},
		{Name: "sasl.password", Type: config.Password, Importance: config.Medium,
			Doc: "Password, instead of sasl.jaas.config."},
	}
}
