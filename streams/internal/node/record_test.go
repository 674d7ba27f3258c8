package node_test

import (
	"testing"

	"github.com/suiro/suiro/streams/internal/node"
)

func TestNilIsNullWhereATypeHasIt(t *testing.T) {
	type own struct{}
	for name, c := range map[string]struct{ got, want bool }{
		"no bytes":      {node.IsNil([]byte(nil)), true},
		"empty bytes":   {node.IsNil([]byte{}), false},
		"number":        {node.IsNil(int64(0)), false},
		"text":          {node.IsNil(""), false},
		"struct":        {node.IsNil(own{}), false},
		"pointer":       {node.IsNil((*own)(nil)), true},
		"pointer to it": {node.IsNil(&own{}), false},
		"map":           {node.IsNil(map[string]int(nil)), true},
		"any":           {node.IsNil(any(nil)), true},
		"any with text": {node.IsNil(any("")), false},
		"any with nil":  {node.IsNil[any]([]byte(nil)), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestMarksMakeNumbersNull(t *testing.T) {
	r := node.Record[int64, int64]{NullValue: true}
	if r.KeyIsNull() || !r.ValueIsNull() {
		t.Errorf("key null %v, value null %v, want only the value", r.KeyIsNull(), r.ValueIsNull())
	}
}

func TestLookingForNullAllocatesNothing(t *testing.T) {
	type own [2]int
	r := node.Record[own, int64]{}
	b := node.Record[[]byte, string]{Key: []byte("k")}
	null := 0
	got := testing.AllocsPerRun(100, func() {
		for _, is := range []bool{r.KeyIsNull(), r.ValueIsNull(), b.KeyIsNull(), b.ValueIsNull()} {
			if is {
				null++
			}
		}
	})
	if got != 0 || null != 0 {
		t.Errorf("%v allocations and %d nulls, want none", got, null)
	}
}
