package stores

// Reader reads the committed state of one named store, without what its task has
// pending. It is safe for concurrent use.
type Reader struct{ view view }

// Committed returns a Reader of the named store of the task whose DB keys begin
// with prefix; see [TaskPrefix].
func Committed(db DB, prefix []byte, name string) *Reader {
	return &Reader{view: newView(TaskState(db, prefix), name)}
}

// Get returns the value of key, or nil when there is none.
func (r *Reader) Get(key []byte) ([]byte, error) {
	return r.view.source.Get(r.view.appendKey(nil, key))
}

// Range returns an iterator over from <= key < to, ascending; nil bounds are
// open. It sees one state of the store, whatever is committed later.
func (r *Reader) Range(from, to []byte) (Iterator, error) { return r.view.iterate(from, to, false) }

// ReverseRange is Range in descending order.
func (r *Reader) ReverseRange(from, to []byte) (Iterator, error) {
	return r.view.iterate(from, to, true)
}

// All returns an iterator over all keys, ascending.
func (r *Reader) All() (Iterator, error) { return r.view.iterate(nil, nil, false) }

// Fetch is [Window.Fetch] of what is committed.
func (r *Reader) Fetch(key []byte, start int64) ([]byte, error) {
	return r.view.source.Get(r.view.appendWindowKey(nil, key, start))
}

// FetchRange is [Window.FetchRange] of what is committed, each window at the
// time it is looked up.
func (r *Reader) FetchRange(
	key []byte, from, to, step int64, yield func(start int64, value []byte) bool,
) error {
	return r.view.fetchRange(key, from, to, step, yield)
}

// FetchAll is [Window.FetchAll] of what is committed.
func (r *Reader) FetchAll(from, to int64) (*WindowIterator, error) {
	return r.view.iterateWindows(from, to)
}
