package memory

// Account counts what one holder has taken of a share that it has in common with
// others. Its methods may be called from any goroutine.
type Account struct {
	budget *Budget
	share  Share
	room   int64 // of the share
	held   int64 // by this holder; guarded by budget.mu
}

// Reserve begins to take memory for one thing. Nothing is taken yet.
func (a *Account) Reserve() *Reservation {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	return &Reservation{account: a, first: a.held == 0}
}

// Add takes n bytes that are held already, whether there is room or not.
func (a *Account) Add(n int64) {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	a.add(n)
}

// Give gives n bytes back that were taken.
func (a *Account) Give(n int64) { a.Add(-n) }

// Freed returns a channel that is closed when a holder gives back something of the
// share. Whoever waits for room gets the channel first, tries [Reservation.Grow], and
// then waits.
func (a *Account) Freed() <-chan struct{} {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	if a.budget.freed[a.share] == nil {
		a.budget.freed[a.share] = make(chan struct{})
	}
	return a.budget.freed[a.share]
}

// Collect collects garbage, so that what is no longer used is given back, and reports
// whether it did: not when that was done a moment ago and less than an eighth of the share
// was taken since. So it costs little beside what fills the share again and again, and
// at most a tenth of a processor while what fills it stays in use.
func (a *Account) Collect() bool { return a.budget.collectFor(a.share, a.room) }

// Held returns how many bytes this holder has taken, and how many all of them have.
func (a *Account) Held() (mine, all int64) {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	return a.held, a.budget.held[a.share]
}

// InVain counts that something waited for room and got none.
func (a *Account) InVain() {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	a.budget.vain[a.share]++
}

func (a *Account) add(n int64) {
	a.held += n
	a.budget.held[a.share] += n
	a.budget.taken[a.share] += max(n, 0)
	if freed := a.budget.freed[a.share]; n < 0 && freed != nil {
		close(freed)
		a.budget.freed[a.share] = nil
	}
}

// small is the part of a share that a holder of nothing may always take; smallest is
// its least size in bytes.
const (
	small    = 32
	smallest = 1 << 20
)

// Reservation is what is taken for one thing, step by step. It belongs to one
// goroutine.
type Reservation struct {
	account *Account
	first   bool // the holder had nothing before
	taken   int64
}

// Grow takes n bytes more and reports whether there was room: all holders together stay
// within the share. Two exceptions keep a holder that had nothing from standing still
// because of the others: it may take up to a 32nd of the share in any case, and more as
// long as all together stay within one and a half times the share.
func (r *Reservation) Grow(n int64) bool {
	a := r.account
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	room := a.room - a.budget.held[a.share]
	first := r.first && (n <= max(a.room/small, smallest)-r.taken || n <= room+a.room/2)
	if n > room && !first {
		return false
	}
	a.add(n)
	r.taken += n
	return true
}

// Shrink gives n of the bytes back.
func (r *Reservation) Shrink(n int64) {
	r.account.Give(n)
	r.taken -= n
}

// Taken returns how many bytes are taken.
func (r *Reservation) Taken() int64 { return r.taken }
