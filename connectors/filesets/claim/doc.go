// Package claim is the commit protocol of sinks that write files: it makes the
// files of a set of records appear all together and once, whichever writer
// crashes, hangs or wakes up again in between, with a file system's rename as the
// only tool.
//
// # Words
//
// A partition's [Log] is the sequence of its committed sets in a directory
// tree. A [Set] is a range of Kafka offsets and the files that hold its
// records. A [Claim] is a writer's right to extend the log; it is a directory,
// and it is gone when another writer takes the partition over.
//
// # Layout
//
//	<root>/+tmp/<topic>/<p>/new/<id>/        a claim being made
//	<root>/+tmp/<topic>/<p>/live/<id>/       a claim, its temp files inside
//	<root>/+tmp/<topic>/<p>/fenced/<id>/     a claim taken away
//	<root>/+commits/<topic>/<p>/<first>+<last>.pending   a committed set's manifest, files perhaps not in place
//	<root>/+commits/<topic>/<p>/<first>+<last>.done      the same, all files in place
//
// Offsets in names are padded to 20 digits. A manifest is a [Set] in JSON.
//
// # Order
//
// [Log.Take] makes a claim, takes all others away, reads the log, finishes
// what was committed but not in place, and returns where to go on. The writer
// then makes temp files with [Claim.Create], closes them and commits them with
// [Claim.Commit]. After an error of either the claim is used up and the writer
// takes the partition again: there is one way to recover. A Claim is used by
// one goroutine.
//
// DESIGN.md of package filesets says why this holds.
package claim
