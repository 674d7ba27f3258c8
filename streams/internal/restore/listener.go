package restore

// TopicPartition is a partition of a changelog.
type TopicPartition struct {
	// Topic is the Kafka name of the topic.
	Topic string
	// Partition is the partition.
	Partition int32
}

// Listener hears how far the state of an app is restored, as Kafka Streams'
// StateRestoreListener (KIP-869). It is called in the goroutines that restore, by several at
// a time, which wait for it. For each store of a task that has a changelog there is a start,
// also when nothing is to be read, and then an end or a suspension.
type Listener interface {
	// OnRestoreStart says that a store is read from an offset up to another one, which is
	// not read.
	OnRestoreStart(changelog TopicPartition, store string, start, end int64)
	// OnBatchRestored says that so many records more are in the store, up to the offset last.
	OnBatchRestored(changelog TopicPartition, store string, last, records int64)
	// OnRestoreEnd says that a store is restored, and how many records were read.
	OnRestoreEnd(changelog TopicPartition, store string, records int64)
	// OnRestoreSuspended says that the restoring has ended before, as the task has gone or has
	// failed, and how many records were read. They are not read again here.
	OnRestoreSuspended(changelog TopicPartition, store string, records int64)
}

// reading is the reading of one changelog.
type reading struct {
	log       Changelog
	partition int32
	listener  Listener // nil for none
	next, end int64    // the next offset to read, and the first one that is not read
	written   int64    // next, as of the last batch
	records   int64    // that were read since then
	total     int64    // and before
	over      bool
}

func (p *reading) of() TopicPartition { return TopicPartition{p.log.Topic, p.partition} }

// begin says that the changelog is read.
func (p *reading) begin() {
	if p.listener != nil {
		p.listener.OnRestoreStart(p.of(), p.log.Store.Name, p.next, p.end)
	}
	p.check()
}

// wrote says that what was read is in the store.
func (p *reading) wrote() {
	p.written = p.next
	p.total += p.records
	if p.listener != nil && p.records > 0 {
		p.listener.OnBatchRestored(p.of(), p.log.Store.Name, p.next-1, p.records)
	}
	p.records = 0
	p.check()
}

// check says so when all is in the store.
func (p *reading) check() {
	if p.over || p.written < p.end {
		return
	}
	p.over = true
	if p.listener != nil {
		p.listener.OnRestoreEnd(p.of(), p.log.Store.Name, p.total)
	}
}

// suspend says that nothing more is read.
func (p *reading) suspend() {
	if p.listener != nil && !p.over {
		p.listener.OnRestoreSuspended(p.of(), p.log.Store.Name, p.total)
	}
}
