// Package gen makes cases: tables of those that somebody thought of, and random ones.
package gen

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
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
	c.ID = fmt.Sprintf("c%06d", g.made)
	g.err = g.enc.Encode(c)
}

// chance is true so often in a hundred times.
func (g *Gen) chance(percent int) bool { return g.rand.IntN(100) < percent }

// pick returns one of several.
func pick[T any](g *Gen, of ...T) T { return of[g.rand.IntN(len(of))] }

func ptr[T any](v T) *T { return &v }
