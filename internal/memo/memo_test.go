package memo

import "testing"

func TestMemoKeepsTheFirst(t *testing.T) {
	m := New[string, int](2)
	if got := m.Put("a", 1); got != 1 {
		t.Errorf("first Put = %d, want 1", got)
	}
	if got := m.Put("a", 2); got != 1 {
		t.Errorf("second Put = %d, want the first, 1", got)
	}
	if got, ok := m.Get("a"); got != 1 || !ok {
		t.Errorf("Get = %d, %v, want 1", got, ok)
	}
}

func TestMemoIsBounded(t *testing.T) {
	m := New[int, int](2)
	for i := range 5 {
		m.Put(i, i)
	}
	if _, ok := m.Get(4); !ok || len(m.made) > 2 {
		t.Errorf("%d entries are remembered, the last one: %v; want at most 2 with the last", len(m.made), ok)
	}
	none := New[int, int](0)
	none.Put(1, 1)
	if _, ok := none.Get(1); ok {
		t.Error("a memo of no entries remembers one")
	}
}

func TestZeroMemoRemembers(t *testing.T) {
	var m Memo[int, int]
	for i := range 100 {
		m.Put(i, i)
	}
	if got, ok := m.Get(99); !ok || got != 99 || len(m.made) > defaultSize {
		t.Errorf("Get = %d, %v with %d entries, want the last of at most %d", got, ok, len(m.made), defaultSize)
	}
}

// Keys and values come from records: a thousand large ones are not kept because a
// thousand small ones would be.
func TestMemoIsBoundedByBytes(t *testing.T) {
	m := Sized[int, int](1000, 100)
	for i := range 50 {
		m.PutSized(i, i, 30)
		if got, ok := m.Get(i); !ok || got != i || len(m.made) > 3 {
			t.Fatalf("%d entries of 30 bytes, the last one is remembered: %v; want at most 3 with the last", len(m.made), ok)
		}
	}
	if m.PutSized(50, 50, 1000); len(m.made) != 1 {
		t.Errorf("%d entries with one that is larger than the memo, want that one alone", len(m.made))
	}
	var zero Memo[int, int]
	for i := range 10 {
		zero.PutSized(i, i, defaultBytes/2)
	}
	if len(zero.made) > 2 {
		t.Errorf("the zero memo holds %d entries of half of its bytes", len(zero.made))
	}
}
