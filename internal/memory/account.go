package memory

// Account counts what one holder has taken of a share that it has in common with
// others. Its methods may be called from any goroutine.
type Account struct {
	budget *Budget
	share  Share
	room   int64 // of the share
	held   int64 // by this holder; guarded by budget.mu
}

// Small is what a holder that holds nothing may always take, however much the others
// hold, so that a holder never stands still because of them.
const Small = 1 << 20

// Take takes n bytes and reports whether there was room: all holders together stay
// within the share. A holder that holds nothing may take up to [Small] in any case, and
// more as long as all together stay within one and a half times the share. What was
// taken is given back with [Account.Give].
func (a *Account) Take(n int64) bool {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	room := a.room - a.budget.held[a.share]
	first := a.held == 0 && (n <= Small || n <= room+a.room/2)
	if n > room && !first {
		return false
	}
	a.add(n)
	return true
}

// Add takes n bytes that are held already, whether there is room or not.
func (a *Account) Add(n int64) {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	a.add(n)
}

// Give gives n bytes back.
func (a *Account) Give(n int64) { a.Add(-n) }

// Held returns how many bytes this holder has taken, and how many all of them have.
func (a *Account) Held() (mine, all int64) {
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	return a.held, a.budget.held[a.share]
}

func (a *Account) add(n int64) {
	a.held += n
	a.budget.held[a.share] += n
}
