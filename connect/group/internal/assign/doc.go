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
// All is a function of the round, the clock that is given and what the last round
// left, which the caller keeps once the members have the assignment.
package assign
