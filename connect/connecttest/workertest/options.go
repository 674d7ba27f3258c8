package workertest

import (
	"math/rand/v2"
	"testing"

	"github.com/suiro/suiro/connect"
)

// Options change what the suites do; nil is fine.
type Options struct {
	// Seed chooses when the worker is killed and what happens in between. A failed
	// suite says its seed. Default: another one each time.
	Seed uint64
	// Kills is how often a worker is killed in each check. Default: 4.
	Kills int
	// Plugins are what the connector needs besides itself, such as converters that
	// its configuration names. Default: none.
	Plugins connect.Plugins
	// Worker are properties of the worker. Default: those of [New].
	Worker map[string]string
}

func (o *Options) withDefaults() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Kills == 0 {
		out.Kills = 4
	}
	if out.Seed == 0 {
		out.Seed = rand.Uint64()
	}
	return out
}

// random returns the source of what a suite chooses, and says the seed if the test
// fails.
func (o Options) random(t *testing.T) *rand.Rand {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to repeat it: Options.Seed: %d", o.Seed)
		}
	})
	return rand.New(rand.NewPCG(o.Seed, 0))
}
