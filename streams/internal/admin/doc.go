// Package admin prepares an app's topics on the brokers before the first task
// starts. [Prepare] checks that the topics which the app reads and writes exist, and
// makes those that belong to the app: repartition topics, changelogs and the topic
// for dead letters, and waits for their leaders. While the app runs, [Purge] deletes what it has processed of its
// repartition topics.
//
// [Names] says what the topics of a topology are called in Kafka.
package admin
