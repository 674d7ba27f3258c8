// Package room bounds the memory of a value by the bytes that it is read from.
//
// A few bytes can stand for much: a list of records without fields, a null with a
// large default, a union of a thousand types, a decimal with an exponent. A decoder
// takes room for what it makes before it makes it, and refuses the value when there
// is none left:
//
//	r := room.For(len(raw))
//	if err := r.Take(room.Map(len(fields))); err != nil {
//		return nil, err
//	}
//
// What honest data takes is below the bounds by far. They are not exact: what is
// counted is about what Go takes.
package room

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memory"
)

const (
	// Least is the room of a value of any length, in bytes.
	Least = memory.LeastDecoded
	// PerByte is the room for each byte that the value is read from.
	PerByte = memory.DecodedPerByte
	// small is a length from which on the room may be more than a process has.
	small = 64 << 10
)

// ErrTooLarge is the cause of every error of a [Room].
var ErrTooLarge = errors.New("the value is too large")

// Room is what a value may still take. One goroutine uses it.
type Room struct {
	left, all int64
	from      int
}

// For returns the room of a value that is read from n bytes: [Least] and [PerByte] for
// each, and no more than the share memory.Value of the process' memory.
func For(n int) Room {
	all := Least + PerByte*int64(n)
	if n > small {
		all = min(all, memory.OfRuntime(memory.Value))
	}
	return Room{all, all, n}
}

// Take takes n bytes. An error says that there is not as much left.
func (r *Room) Take(n int) error {
	if r.left -= int64(n); r.left >= 0 {
		return nil
	}
	return fmt.Errorf("%w: it would take more than %d MiB of memory, and was read from %d bytes",
		ErrTooLarge, r.all>>20, r.from)
}

// Exceeded reports whether more was to be taken than there was.
func (r *Room) Exceeded() bool { return r.left < 0 }

// Taken returns how many bytes were taken.
func (r *Room) Taken() int { return int(r.all - r.left) }

// What values take as Go keeps them, in bytes.
const (
	// Item is one item of a list, or one value of a map.
	Item = 32
	// Entry is one entry of a map that grows, without the bytes of its key.
	Entry = 80
	// Digit is one digit of a decimal. It counts for more than it takes, because what
	// calculates with a decimal takes time as the square of the digits.
	Digit = 8
)

// Map returns what a map of n entries takes.
func Map(n int) int {
	switch {
	case n == 0:
		return 48
	case n <= 8:
		return 312 + 16*n
	}
	return 48 + 64*n
}

// Decimal returns what a decimal with a scale takes.
func Decimal(scale int) int { return Item + Digit*max(scale, -scale) }

// TakeValue takes what v takes. A part that occurs several times counts each time, as
// it does where the value is written.
func (r *Room) TakeValue(v any) error {
	if err := r.Take(Item); err != nil {
		return err
	}
	switch v := v.(type) {
	case string:
		return r.Take(len(v))
	case []byte:
		return r.Take(len(v))
	case *big.Rat:
		return r.Take((v.Num().BitLen() + v.Denom().BitLen()) / 8)
	case []any:
		return r.takeList(v)
	case map[string]any:
		return r.takeMap(v)
	case map[any]any:
		for k, item := range v {
			if err := errors.Join(r.TakeValue(k), r.TakeValue(item)); err != nil {
				return err
			}
		}
	case data.Pairs:
		for _, p := range v {
			if err := errors.Join(r.TakeValue(p.Key), r.TakeValue(p.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Room) takeList(list []any) error {
	for _, item := range list {
		if err := r.TakeValue(item); err != nil {
			return err
		}
	}
	return nil
}

func (r *Room) takeMap(m map[string]any) error {
	if err := r.Take(Map(len(m))); err != nil {
		return err
	}
	for k, item := range m {
		if err := errors.Join(r.Take(len(k)), r.TakeValue(item)); err != nil {
			return err
		}
	}
	return nil
}
