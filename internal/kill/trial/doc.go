// Package trial runs a stream app on a Kafka cluster, feeds it, and kills its
// processes at moments that a seed decides.
//
// A [Trial] makes topics of its own and writes the lines of an access log to the
// input, at a pace that leaves the app work after every event: the n-th part of the
// input is held back until the n-th [Event] has happened. When everything is written,
// the trial waits until the group has committed the whole input and everything in
// repartition topics, asks the questions of its caller, and stops the processes as an
// operator would. Package verify checks the result.
package trial
