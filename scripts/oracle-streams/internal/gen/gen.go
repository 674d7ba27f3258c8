// Package gen makes cases: tables of those that somebody thought of, and random ones.
package gen

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// Gen writes cases. Equal seeds make equal cases.
type Gen struct {
	rand *rand.Rand
	out  *bufio.Writer
	enc  *json.Encoder
	only string
	made int
	err  error
}

// New returns a Gen that writes to w those cases whose tags contain only.
func New(w io.Writer, seed uint64, only string) *Gen {
	b := bufio.NewWriter(w)
	return &Gen{rand: rand.New(rand.NewPCG(seed, 11)), out: b, enc: cases.Encoder(b), only: only}
}

// Flush writes what is left and returns the first error there was.
func (g *Gen) Flush() error {
	if g.err != nil {
		return g.err
	}
	return g.out.Flush()
}

func (g *Gen) emit(c cases.Case) {
	g.made++
	if g.err != nil || !strings.Contains(c.Tag, g.only) {
		return
	}
	c.ID = id(g.made)
	longer, ok := keptLonger(c)
	if ok {
		g.made++
		longer.ID, c.Twin = id(g.made), id(g.made)
	}
	if g.err = g.enc.Encode(c); ok && g.err == nil {
		g.err = g.enc.Encode(longer)
	}
}

func id(n int) string { return fmt.Sprintf("c%06d", n) }

// keptLonger returns a case with windows that are kept much longer, if it has some that Kafka
// Streams searches in a cache by time: there a cache and what its store has expired differ.
func keptLonger(c cases.Case) (cases.Case, bool) {
	searched := map[string]bool{}
	found := false
	if c.Config["statestore.cache.max.bytes"] == "" {
		return c, false
	}
	c.Tag, c.Steps = c.Tag+" kept longer", slices.Clone(c.Steps)
	for i := range c.Steps {
		s := &c.Steps[i]
		above := len(s.In) > 0 && searched[s.In[0]]
		switch {
		case s.Op == "windowedBy" && (s.Window.Kind == "session" || s.Window.Kind == "sliding"),
			s.Op == "emitStrategy" && above:
			searched[s.Out[0]] = true
		case above && (s.Store == nil || s.Store.Retention == 0):
			store := cases.Store{Name: "longer" + s.Out[0]}
			if s.Store != nil {
				store = *s.Store
				store.Name = cmp.Or(store.Name, "longer"+s.Out[0])
			}
			store.Retention = 3_600_000
			s.Store, found = &store, true
		}
	}
	return c, found
}

// chance is true so often in a hundred times.
func (g *Gen) chance(percent int) bool { return g.rand.IntN(100) < percent }

// pick returns one of several.
func pick[T any](g *Gen, of ...T) T { return of[g.rand.IntN(len(of))] }

func ptr[T any](v T) *T { return &v }
