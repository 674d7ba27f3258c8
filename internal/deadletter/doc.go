// Package deadletter makes dead letters fit. A dead letter is the last resort for a
// record that cannot be processed: when it is refused too, whoever writes it would
// stop at the same record at every start. Records of others decide how large it is:
// headers that compress well, a key near the limit, a timestamp that the topic of
// the dead letters does not take.
//
// What fits is written whole. Otherwise a [Letter] is cut, in this order:
//
//	stack trace          to 1 KiB
//	message              to 512 bytes
//	headers that say where the record failed, each to 1 KiB
//	the record's headers to 256 bytes each, the largest first, then left out
//	value, key           to what fits
//	all that is left     to coordinates: where the record is to be found
//
// A header whose name ends in .truncated.from says what was cut, and how many bytes
// it had.
//
// The first three headers behind the record's own are its coordinates, for instance
// topic, partition and offset. They are never left out.
package deadletter
