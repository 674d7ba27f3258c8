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
