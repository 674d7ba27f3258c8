// Package kafka turns Kafka's client configuration keys into options of the
// franz-go client, and tells a person why a broker cannot be reached.
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
