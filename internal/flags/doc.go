// Package flags makes the command lines of Suiro's programs from configuration
// keys, so that they look and answer alike.
//
// [Define] gives a key a flag: bootstrap.servers becomes --bootstrap-servers. Its
// value is checked as the key's is. Durations and sizes may have a unit: 10s, 500ms,
// 1m30s, 64MiB, or plain milliseconds and bytes, which is what a properties file wants.
// [Properties] returns what was given, as properties, or all that is wrong with it.
//
// [Install] makes a tree of commands answer mistakes with what was probably meant,
// and print help in 100 columns. Dots and underscores in the name of a flag are
// dashes, and --bootstrap-server and --command-config, as Kafka's own tools call them,
// are --bootstrap-servers and --config.
package flags
