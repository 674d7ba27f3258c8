// Package assign divides connectors and tasks among the members of a group, as the
// leader of a Connect cluster does in each rebalance.
//
// [Eager] is for the protocol "default": everybody has stopped everything, and all
// work is dealt out. [History.Next] is for the other protocols, whose members keep
// on working during the rebalance:
//
//	deleted     held, and no longer configured            revoked
//	duplicated  held by several                           revoked, but from its owner
//	lost        given out before, and held by nobody      waits for its worker
//	created     configured, held by nobody, never given   assigned
//	too much    more than a fair share                    revoked, assigned in the next round
//
// A worker that loses work joins again when it has stopped it, and that round
// gives the work to another. Lost work waits so that a worker that is restarted
// finds what it had; meanwhile nothing is revoked for balance, since the balance
// is about to change once more. Rounds that revoke for balance one after the other
// mean that workers come and go: their distance doubles.
//
// With [Round.Loads] tasks are divided by how busy they are and connectors by number. What
// has no owner goes to who has the least to do, the heaviest first. A task is taken from
// its worker for that alone only when the busiest worker is relieved by a fifth of a fair
// share or another has no task, and not twice within [Round.LoadPause] unless a worker comes or goes. With the
// same loads each such round makes the busiest less busy, so that tasks do not go back
// and forth.
//
// All is a function of the round, the clock that is given and what the last round
// left, which the caller keeps once the members have the assignment.
package assign
