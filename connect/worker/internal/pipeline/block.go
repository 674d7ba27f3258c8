package pipeline

// blockSize is how many records are allocated at a time, at most: one by one they cost
// more than everything else that is done to a record which nothing converts.
const blockSize = 32

// block allocates records. The first ones come in blocks of one, two, four, so that a
// task with few records has not more of them than it needs.
//
// Whoever keeps a record keeps all of its block. The records of a block are therefore of
// one batch of a topic, which each of them keeps anyway: what a task keeps of one batch
// must not keep others, as all together are bounded.
type block[T any] struct {
	left []T
	size int // of the last block
	of   any // the batch
}

// next returns a record that nobody else has, for one of a batch. All records of a batch
// are asked for with the same comparable value, as the context that the client gives them.
func (b *block[T]) next(of any) *T {
	if of != b.of {
		*b = block[T]{of: of}
	}
	if len(b.left) == 0 {
		b.size = min(max(2*b.size, 1), blockSize)
		b.left = make([]T, b.size)
	}
	one := &b.left[0]
	b.left = b.left[1:]
	return one
}

// end lets go of the records that were returned.
func (b *block[T]) end() { *b = block[T]{} }
