package lives

import "context"

// Turns let few tasks at a time do what keeps a processor busy, such as making clients,
// so that a thousand tasks that start at the same time leave room for whoever else needs
// a processor for a moment: an answer of the REST API would wait behind all of them. They
// are safe for concurrent use. The nil Turns bound nothing.
type Turns chan struct{}

// NewTurns returns Turns for n at a time.
func NewTurns(n int) Turns { return make(Turns, n) }

// Do calls f when it is its turn, and returns its error. f must not wait for anything
// outside the process: others could not start meanwhile. The error is that of ctx when
// it ends first, and f is not called then.
func (t Turns) Do(ctx context.Context, f func() error) error {
	if t == nil {
		return f()
	}
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t }()
	return f()
}

// Make returns what f makes, as [Turns.Do] does.
func Make[T any](ctx context.Context, t Turns, f func() (T, error)) (made T, err error) {
	err = t.Do(ctx, func() (err error) {
		made, err = f()
		return err
	})
	return made, err
}
