// Package trial runs a stream app on a Kafka cluster, feeds it, and kills its
// processes at moments that a seed decides.
//
// A [Trial] makes topics of its own and writes the lines of an access log to
// the input at a pace at which the app has work left after every event: the
// n-th part of the input is held back until the n-th [Event] has happened.
// When all is fed the trial waits until the group has committed the whole
// input and everything in repartition topics, asks its caller's questions, and
// stops the processes in good order. What must have come of it is for package
// verify to say.
package trial
