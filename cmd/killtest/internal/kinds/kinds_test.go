package kinds

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/streams/streamstest"
)

// The results follow from the input alone: aborts, restarts and lost disks change nothing.
func TestRestartsChangeNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	log := access.Log{Seed: seed, Records: 4000, Span: 15 * time.Minute, Users: 20}.WithDefaults()
	still := log.Request(3500).Time
	want, err := Expect(log, still, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Rows) == 0 || len(want.Records) == 0 || len(want.State) == 0 {
		t.Fatalf("nothing to compare: %v", want)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	got, err := Expect(log, still, 3, func(d *streamstest.Driver) error {
		switch random.IntN(4) {
		case 0:
			d.Abort()
		case 1:
			return d.Restart(false)
		case 2:
			return d.Restart(true)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(got)
	if bad := got.Compare(want); len(bad) > 0 {
		t.Errorf("the results are not those of an undisturbed run:\n%s", strings.Join(bad, "\n"))
	}
}
