// Package format has the bytes that Kafka Streams writes to the internal topics of an
// app: changelogs, repartition topics and the topics of foreign-key joins. With them a
// topology that ran on Kafka Streams continues here, and the other way round.
//
// Each type has a method Append, which writes it, and a function that begins with
// Parse, which reads it. What a Parse function returns shares the memory of its
// argument. It refuses what Kafka Streams cannot have written with an error that wraps
// [ErrDamaged].
//
// # What is in which topic
//
//	changelog of a                    key                         value         record's timestamp
//	key-value store                   key                         value         of the last change
//	timestamped key-value store       key                         value         of the value
//	versioned store (KIP-889)         key                         value         of the version
//	window store                      [WindowKey]                 value         of the last change
//	timestamped window store          [WindowKey]                 value         of the value
//	session store                     [SessionKey]                value         of the last change
//	outer stream-stream join          [JoinKey]                   list of [JoinValue] ([AppendList])
//	suppression                       key                         [Buffered], with the header v
//	subscriptions (foreign-key join)  [CombinedKey]               [Subscription]
//
//	topic                             key                         value
//	repartition of a grouped table    new key                     [Change]
//	subscription registration         foreign key                 [Subscription]
//	subscription response             primary key                 [SubscriptionResponse]
//	output keyed by a window          [TimeWindowedKey], [SessionKey]
//
// A record without a value is a deletion. In its stores Kafka Streams puts the timestamp
// before the value ([AppendTimestamped]); it takes it off for the changelog.
//
// All numbers are big-endian. The tests compare with what the classes of Kafka Streams
// write; scripts/formats asks them.
package format

import (
	"errors"
	"fmt"
)

// ErrDamaged is in the error of every Parse function: the bytes are not what Kafka
// Streams writes there.
var ErrDamaged = errors.New("not in the format of Kafka Streams")

// damaged says what is wrong with a part of a record.
func damaged(what, problem string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", what, ErrDamaged, fmt.Sprintf(problem, args...))
}
