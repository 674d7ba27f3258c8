// Package kafka is what streams and connect share of Kafka: configuration keys,
// which become options of the franz-go client, an explanation of why a broker cannot
// be reached, the choice of partitions, and the making of topics.
//
// A [Role] says what a client is for. [Role.Def] declares its keys, once for the
// whole module, and [Role.Options] makes the options of a client from their values.
// A runtime adds keys of its own with [config.Def.With]. [Check] connects before
// anything is started. Everything that is written is placed by [Partitioner]. All the
// clients of a process share one [Brokers], which knows whether Kafka is there.
//
// The keys keep Kafka's names and meanings, so that the client section of an
// existing properties file works:
//
//	bootstrap.servers=kafka1:9093,kafka2:9093
//	security.protocol=SASL_SSL
//	sasl.mechanism=SCRAM-SHA-512
//	sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
//	  username="shop" password="secret";
//	ssl.truststore.type=PEM
//	ssl.truststore.location=/etc/kafka/ca.pem
//
// sasl.username and sasl.password may stand in for sasl.jaas.config.
// The ssl keys are those of package tlsconfig.
package kafka
