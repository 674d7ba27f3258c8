// Package group makes a Connect worker a member of its cluster. Workers of one
// group.id form a Kafka group of the protocol type "connect": the broker makes one
// of them the leader, and the leader divides connectors and tasks. The bytes are
// those of Kafka Connect, so that its workers can be in the same group.
//
// A herder has one [Member] and calls it from one goroutine:
//
//	for {
//		a, err := member.Join(ctx, configOffset, held)   // waits for all others
//		…                                                // stop a.Revoked, run a.Owned
//		select {
//		case <-member.Rejoin():                          // member.Standing() says why
//		case <-time.After(a.Delay):                      // when it is not 0
//		case …                                           // the herder's own reasons
//		}
//	}
//
// # Rebalances
//
// With the protocols [Compatible] and [Sessioned] a worker goes on working while it
// joins, says what it holds, and stops only what is revoked. A worker from which
// something was revoked joins again once that has stopped, so that the leader can
// give it to another: a.Again says so.
// With [Eager] a worker stops everything before it joins.
//
// The group has the best protocol that all of its workers offer.
//
// # Membership
//
// A member sends heartbeats by itself from a successful Join on. When the group
// does not count it any more, or no heartbeat was answered for the session time-out,
// others may be given its work: it is [Expelled], and its herder stops all work at
// once. It may still name this work at its next Join: the leader gives it back if
// it was not given to another, without waiting for a worker that is there again.
//
// What a leader answers for lost work, duplicates and balance is in the package
// doc of internal/assign, and the bytes are in that of internal/wire.
package group
