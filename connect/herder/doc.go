// Package herder says what a herder is: the part of a Connect worker that
// decides which connectors and tasks run, and that answers for all of them. The
// REST API stands on the interface [Herder] alone, so that it serves every
// implementation.
//
// The bodies of questions and answers are in package api. Package standalone
// has the herder of one process.
package herder
