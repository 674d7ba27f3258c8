package gate

import (
	"testing"
	"testing/synctest"
)

func TestCloseWaitsForCallsAndRefusesNewOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Gate
		if !g.Enter() {
			t.Fatal("an open gate refused a call")
		}
		closed := make(chan bool, 1)
		go func() { closed <- g.Close() }()
		synctest.Wait()
		if g.Enter() {
			t.Error("a gate that is being closed let a call in")
		}
		if len(closed) != 0 {
			t.Error("Close returned before the call had left")
		}
		g.Leave()
		if !<-closed {
			t.Error("the Close that shut the gate returned false")
		}
		if g.Close() {
			t.Error("a second Close returned true")
		}
	})
}
