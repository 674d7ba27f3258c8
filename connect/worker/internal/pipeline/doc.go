// Package pipeline is what a record passes between Kafka and a task: converters,
// transforms, the retries and the tolerance of errors, and the way to the dead
// letters.
//
//	sink    Kafka ─▶ headers ─▶ transforms ─▶ task     keys and values decode when someone looks
//	source  task ─▶ transforms ─▶ key, value, headers ─▶ Kafka    one record may become several
//	              └▶ fails: retry ─▶ tolerance ─▶ dead letter
//
// An error carries the stage it came from, however far it travels: a converter
// may fail inside a transform, or inside a sink task.
//
// A [Pipeline] and its parts are safe for concurrent use; they keep no records.
package pipeline
