package join

// Joiner makes the result of a join. A side that is missing is the zero value, and its
// mark is false. A result that is nil is null.
type Joiner[L, R, O any] func(left L, right R, hasLeft, hasRight bool) (O, error)

// Inner returns the Joiner of a function that never sees a side missing, nil for nil.
func Inner[L, R, O any](f func(L, R) (O, error)) Joiner[L, R, O] {
	if f == nil {
		return nil
	}
	return func(left L, right R, _, _ bool) (O, error) { return f(left, right) }
}

// Left returns the Joiner of a function that gets nil when the right side is missing, and
// nil for nil.
func Left[L, R, O any](f func(L, *R) (O, error)) Joiner[L, R, O] {
	if f == nil {
		return nil
	}
	return func(left L, right R, _, hasRight bool) (O, error) { return f(left, pointer(right, hasRight)) }
}

// Outer returns the Joiner of a function that gets nil for the side that is missing, and nil
// for nil.
func Outer[L, R, O any](f func(*L, *R) (O, error)) Joiner[L, R, O] {
	if f == nil {
		return nil
	}
	return func(left L, right R, hasLeft, hasRight bool) (O, error) {
		return f(pointer(left, hasLeft), pointer(right, hasRight))
	}
}

// pointer points to a copy, which the user's function may keep.
func pointer[T any](v T, has bool) *T {
	if !has {
		return nil
	}
	return &v
}

// reversed is j with its sides exchanged.
func (j Joiner[L, R, O]) reversed() Joiner[R, L, O] {
	return func(right R, left L, hasRight, hasLeft bool) (O, error) { return j(left, right, hasLeft, hasRight) }
}
