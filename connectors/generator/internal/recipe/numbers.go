package recipe

import (
	"encoding/json"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/suiro/suiro/connect/data"
)

// limits are the least and the greatest value that a type of whole numbers has.
func limits(s *data.Schema) (low, high int64) {
	switch {
	case s.Name == data.TimeName:
		return 0, dayMillis
	case s.Kind == data.Int8:
		return math.MinInt8, math.MaxInt8
	case s.Kind == data.Int16:
		return math.MinInt16, math.MaxInt16
	case s.Kind == data.Int32:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

const (
	dayMillis = 24 * 60 * 60 * 1000
	lastDay   = 24836 // 2037-12-31
)

// usual are the numbers of a type whose schema does not say which: of a time, those that are
// between 1970 and 2038, and of others all.
func usual(s *data.Schema) (low, high int64) {
	switch s.Name {
	case data.DateName:
		return 0, lastDay
	case data.TimeName:
		return 0, dayMillis - 1
	case data.TimestampName:
		return 0, (lastDay+1)*dayMillis - 1
	}
	return limits(s)
}

// valueOf is a whole number as a value of the schema.
func valueOf(s *data.Schema, n int64) any {
	if s.IsTime() {
		t, err := data.TimeOf(s, n)
		if err != nil {
			return nil // the limits are those of the type
		}
		return t
	}
	switch s.Kind {
	case data.Int8:
		return int8(n)
	case data.Int16:
		return int16(n)
	case data.Int32:
		return int32(n)
	}
	return n
}

// wholeNumbers makes whole numbers, and times.
func wholeNumbers(a properties, s *data.Schema) node {
	low, high := limits(s)
	if a.has("iteration") {
		i, ok := iterationOf(a, low, high)
		if !ok {
			return nothing
		}
		return node{most: each, iterates: true, draw: func(d *die) any { return valueOf(s, i.at(d.number)) }}
	}
	from, to := usual(s)
	if g, ok := a.group("range", "min", "max"); ok {
		from, to = wholeRange(g, low, high)
	}
	size := uint64(to) - uint64(from) + 1 // 0 is all of 64 bits
	return leaf(each, func(d *die) any {
		if size == 0 {
			return int64(d.Uint64())
		}
		return valueOf(s, int64(uint64(from)+d.Uint64N(size)))
	})
}

// wholeRange returns the range from min to below max.
func wholeRange(a properties, low, high int64) (from, to int64) {
	from, to = low, high
	if !a.has("min") && !a.has("max") {
		a.errorf("", "must have min, max or both")
		return from, to
	}
	if n, ok := a.integer("min", low, high); ok {
		from = n
	}
	if n, ok := a.integer("max", low, math.MaxInt64); ok && n > from {
		to = min(n-1, high)
	} else if ok {
		a.errorf("max", "%d must be greater than min (%d), as it is not reached", n, from)
		return low, high
	}
	return from, max(from, to)
}

// booleans makes true and false.
func booleans(a properties) node {
	if g, ok := a.group("iteration", "start"); ok {
		start, isBool := g.raw["start"].(bool)
		if !isBool {
			g.errorf("start", "must be true or false")
		}
		return node{most: each, iterates: true, draw: func(d *die) any { return start != (d.number%2 == 1) }}
	}
	odds := 0.5
	if r := a.number("odds"); r != nil {
		if odds, _ = r.Float64(); odds < 0 || odds > 1 {
			a.errorf("odds", "%g must be from 0 to 1: how likely true is", odds)
		}
	}
	return leaf(each, func(d *die) any { return d.Float64() < odds })
}

// floatingNumbers makes numbers with a fraction, from 0 to below 1 unless the schema says otherwise.
func floatingNumbers(a properties, s *data.Schema) node {
	as, most := func(f float64) any { return f }, math.MaxFloat64
	if s.Kind == data.Float32 {
		as, most = func(f float64) any { return float32(f) }, math.MaxFloat32
	}
	if a.has("iteration") {
		i, ok := fractionsOf(a, most)
		if !ok {
			return nothing
		}
		return node{most: each, iterates: true, draw: func(d *die) any { return as(i.at(d.number)) }}
	}
	from, to := 0.0, 1.0
	if g, ok := a.group("range", "min", "max"); ok {
		from, to = fractionRange(g, most)
	}
	return leaf(each, func(d *die) any {
		f := d.Float64()
		return as(from*(1-f) + to*f)
	})
}

// fractionRange returns the range from min to max.
func fractionRange(a properties, most float64) (from, to float64) {
	from, to = -most, most
	if !a.has("min") && !a.has("max") {
		a.errorf("", "must have min, max or both")
	}
	for name, bound := range map[string]*float64{"min": &from, "max": &to} {
		if r := a.number(name); r != nil {
			*bound, _ = r.Float64()
			if math.Abs(*bound) > most {
				a.errorf(name, "%g is more than the type holds", *bound)
			}
		}
	}
	if from >= to {
		a.errorf("max", "%g must be greater than min (%g)", to, from)
	}
	return from, to
}

// decimals makes decimals with as many digits as the type has, or within a range.
func decimals(a properties, s *data.Schema, raw map[string]any) node {
	scale, err := s.Scale()
	if err != nil {
		a.p.errorf(a.path, "%w", err)
		return nothing
	}
	precision, _ := raw["precision"].(json.Number)
	digits, err := strconv.Atoi(precision.String())
	if err != nil || digits < 1 {
		digits = 18
	}
	unit := power(int64(-scale))
	most := power(int64(digits)).Num()
	from, to := new(big.Int).Neg(most), most // in units, neither is reached
	from.Add(from, big.NewInt(1))
	if g, ok := a.group("range", "min", "max"); ok {
		from, to = decimalRange(g, unit, from, to)
	}
	size := new(big.Int).Sub(to, from)
	if size.Sign() <= 0 {
		a.errorf("range", "there is no number with %d decimals and at most %d digits in it", scale, digits)
		return nothing
	}
	return leaf(each+digits, func(d *die) any {
		n := d.below(size)
		return new(big.Rat).Mul(new(big.Rat).SetInt(n.Add(n, from)), unit)
	})
}

// decimalRange returns the range in units, within the one given.
func decimalRange(a properties, unit *big.Rat, from, to *big.Int) (*big.Int, *big.Int) {
	up := func(r *big.Rat) *big.Int { // to a whole number
		q := new(big.Rat).Quo(r, unit)
		n := new(big.Int).Add(q.Num(), q.Denom())
		return n.Sub(n, big.NewInt(1)).Div(n, q.Denom())
	}
	if r := a.number("min"); r != nil {
		from = bigger(from, up(r))
	}
	if r := a.number("max"); r != nil {
		if n := up(r); n.Cmp(to) < 0 {
			to = n
		}
	}
	return from, to
}

func bigger(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// below draws a number from 0 to below size. The remainder of a number with 64 bits more favours
// none that anybody could see.
func (d *die) below(size *big.Int) *big.Int {
	b := randomBytes(d, size.BitLen()/8+9)
	n := new(big.Int).SetBytes(b)
	return n.Mod(n, size)
}

// power returns 10 to the exp.
func power(exp int64) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(exp, -exp)), nil)
	r := new(big.Rat).SetInt(n)
	if exp < 0 {
		r.Inv(r)
	}
	return r
}

// iteration counts from start by step, and begins again where it would reach restart.
type iteration struct {
	start, initial int64
	step, period   uint64 // without signs
	down           bool
}

// at returns the value of the record of a number.
func (i iteration) at(number int64) int64 {
	way := i.along(uint64(number))
	if i.down {
		return int64(uint64(i.start) - way)
	}
	return int64(uint64(i.start) + way)
}

// along returns how far from start the value is.
func (i iteration) along(number uint64) uint64 {
	begun := uint64(i.initial) - uint64(i.start)
	if i.down {
		begun = -begun
	}
	high, low := bits.Mul64(number, i.step)
	low, carry := bits.Add64(low, begun, 0)
	return bits.Rem64(high+carry, low, i.period)
}

// iterationOf reads an iteration of whole numbers.
func iterationOf(a properties, low, high int64) (i iteration, ok bool) {
	before := len(a.p.errs)
	g, ok := a.group("iteration", "start", "restart", "step", "initial")
	if !ok {
		return i, false
	}
	start, ok := g.integer("start", low, high)
	if !ok && !g.has("start") {
		g.errorf("start", "is missing: the first value")
	}
	restart, restarts := g.integer("restart", low, high)
	step, steps := g.integer("step", math.MinInt64+1, math.MaxInt64)
	if !steps {
		step = 1
		if restarts && restart < start {
			step = -1
		}
	}
	if !restarts {
		restart = high
		if step < 0 {
			restart = low
		}
	}
	i = iteration{start: start, initial: start, down: step < 0, step: uint64(step),
		period: uint64(restart) - uint64(start)}
	if i.down {
		i.step, i.period = -i.step, -i.period
	}
	switch {
	case len(a.p.errs) > before:
	case step == 0:
		g.errorf("step", "must not be 0")
	case restart == start || (restart < start) != i.down:
		g.errorf("restart", "%d is not reached from start (%d) by step (%d)", restart, start, step)
	}
	if n, ok := g.integer("initial", min(start, restart), max(start, restart)); ok {
		i.initial = n
	}
	return i, len(a.p.errs) == before
}

// fractions is an iteration of numbers with a fraction, whose values have no rounding errors but
// that of the last step, to a float. All is in units.
type fractions struct {
	unit               *big.Rat
	start, begun, step *big.Int
	period             *big.Int // nil when it never begins again
}

// at returns the value of the record of a number.
func (i fractions) at(number int64) float64 {
	n := new(big.Int).Mul(i.step, big.NewInt(number))
	n.Add(n, i.begun)
	if i.period != nil {
		n.Rem(n, i.period)
	}
	n.Add(n, i.start)
	f, _ := new(big.Rat).Mul(new(big.Rat).SetInt(n), i.unit).Float64()
	return f
}

// fractionsOf reads an iteration of numbers with a fraction.
func fractionsOf(a properties, most float64) (i fractions, ok bool) {
	before := len(a.p.errs)
	g, ok := a.group("iteration", "start", "restart", "step", "initial")
	if !ok {
		return i, false
	}
	start, restart, step, initial := g.number("start"), g.number("restart"), g.number("step"), g.number("initial")
	if start == nil {
		if !g.has("start") {
			g.errorf("start", "is missing: the first value")
		}
		return i, false
	}
	for name, r := range map[string]*big.Rat{"start": start, "restart": restart, "step": step, "initial": initial} {
		if r == nil {
			continue
		}
		if f, _ := r.Float64(); math.Abs(f) > most {
			g.errorf(name, "%g is more than the type holds", f)
		}
	}
	if step == nil {
		step = big.NewRat(1, 1)
		if restart != nil && restart.Cmp(start) < 0 {
			step.Neg(step)
		}
	}
	if initial == nil {
		initial = start
	}
	switch {
	case step.Sign() == 0:
		g.errorf("step", "must not be 0")
	case restart != nil && restart.Cmp(start) != step.Sign():
		g.errorf("restart", "is not reached from start by step")
	case initial.Cmp(start) == -step.Sign() || restart != nil && initial.Cmp(restart) != -step.Sign():
		g.errorf("initial", "must be between start and restart")
	}
	return inUnits(start, restart, step, initial), len(a.p.errs) == before
}

// inUnits makes whole numbers of all.
func inUnits(start, restart, step, initial *big.Rat) fractions {
	denominator := big.NewInt(1)
	for _, r := range []*big.Rat{start, restart, step, initial} {
		if r != nil {
			denominator = new(big.Int).Mul(denominator, r.Denom())
		}
	}
	whole := func(r *big.Rat) *big.Int {
		return new(big.Int).Mul(r.Num(), new(big.Int).Quo(denominator, r.Denom()))
	}
	i := fractions{unit: new(big.Rat).SetFrac(big.NewInt(1), denominator), start: whole(start), step: whole(step)}
	i.begun = new(big.Int).Sub(whole(initial), i.start)
	if restart != nil {
		i.period = new(big.Int).Sub(whole(restart), i.start)
	}
	return i
}
