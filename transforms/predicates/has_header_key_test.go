package predicates

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestHasHeaderKeyKeepsThePromises(t *testing.T) {
	p, err := NewHasHeaderKey(HasHeaderKeyConfig{Name: "h"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunPredicate(t, p, header("h"), header("i"))
}

func TestHasHeaderKeyComparesCase(t *testing.T) {
	p := created(t, HasHeaderKeyPlugin(), map[string]string{"name": " h "})
	for _, tt := range []struct {
		r    *connect.Record
		want bool
	}{{header("a", "h", "h"), true}, {header("H"), false}, {header(), false}} {
		if got, err := p.Test(tt.r); got != tt.want || err != nil {
			t.Errorf("Test(%v) = %v, %v, want %v", tt.r.Headers, got, err, tt.want)
		}
	}
}

func TestHasHeaderKeyNeedsAName(t *testing.T) {
	refused(t, HasHeaderKeyPlugin(), map[string]string{})
	refused(t, HasHeaderKeyPlugin(), map[string]string{"name": " "})
}

func ExampleHasHeaderKey() {
	p, err := NewHasHeaderKey(HasHeaderKeyConfig{Name: "trace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(&connect.Record{Headers: []connect.Header{{Key: "trace"}}}))
	fmt.Println(p.Test(&connect.Record{}))
	// Output:
	// true <nil>
	// false <nil>
}
