package cases

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// Gen makes cases. Equal seeds make equal cases.
type Gen struct {
	// Rand is where all that is random comes from.
	Rand *rand.Rand
	// BigNumbers allows whole numbers beyond 64 bits, which converters read as
	// something else.
	BigNumbers bool
	// OptionalKeys allows maps with optional text as keys, which Java writes and
	// cannot read.
	OptionalKeys bool

	out  *bufio.Writer
	enc  *json.Encoder
	only string
	size int
	made int
	err  error
}

// standard is how many random cases the counts given to [Gen.Times] make.
const standard = 40_000

// NewGen returns a Gen that writes to w. size is about how many random cases are
// made beside those of tables; only classes whose name contains only are asked.
func NewGen(w io.Writer, seed uint64, size int, only string) *Gen {
	b := bufio.NewWriter(w)
	return &Gen{Rand: rand.New(rand.NewPCG(seed, 7)), out: b, enc: Encoder(b), only: only, size: size}
}

// Flush writes what is left and returns the first error there was.
func (g *Gen) Flush() error {
	if g.err != nil {
		return g.err
	}
	return g.out.Flush()
}

// Emit writes a case.
func (g *Gen) Emit(tag string, c Case) {
	g.made++
	if g.err != nil || !strings.Contains(c.Class, g.only) {
		return
	}
	c.ID, c.Tag = fmt.Sprintf("c%06d", g.made), tag
	if c.Topic == "" {
		c.Topic = "t"
	}
	if c.Config == nil {
		c.Config = map[string]string{}
	}
	g.err = g.enc.Encode(c)
}

// Times calls do n times in a run of 40,000 random cases, and in proportion in
// others.
func (g *Gen) Times(n int, do func()) {
	for range n * g.size / standard {
		do()
	}
}

// Chance is true so often in a hundred times.
func (g *Gen) Chance(percent int) bool { return g.Rand.IntN(100) < percent }

// Pick returns one of several.
func Pick[T any](g *Gen, of ...T) T { return of[g.Rand.IntN(len(of))] }

// KV makes a configuration of keys and values in turn.
func KV(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// Raw returns text as the bytes of a case.
func Raw(text string) *[]byte { b := []byte(text); return &b }

// JSON returns JSON that is read without schema.
func JSON(text string) *Payload { return &Payload{JSON: &text} }

// Envelope returns JSON of a schema and a payload.
func Envelope(schema, payload string) *Payload {
	text := `{"schema":` + schema + `,"payload":` + payload + `}`
	return &Payload{Envelope: &text}
}

// Typed returns data in the notation.
func Typed(s *Schema, v any) *Payload { return &Payload{Typed: &Data{s, v}} }

// F returns a field of a schema.
func F(name string, s *Schema) Field { return Field{name, s} }

// H returns a header.
func H(key string, p *Payload) Header { return Header{key, p} }

// Ptr returns a pointer to v.
func Ptr[T any](v T) *T { return &v }
