package deadletter_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/deadletter"
	"github.com/twmb/franz-go/pkg/kgo"
)

// letter is a dead letter with parts of the given sizes.
func letter(stack, message, key, value int, headers ...int) deadletter.Letter {
	text := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	r := &kgo.Record{Topic: "bad", Partition: -1, Key: text(key), Value: text(value)}
	for i, n := range headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "h" + strconv.Itoa(i), Value: text(n)})
	}
	for _, h := range []struct{ name, value string }{{"topic", "in"}, {"partition", "3"}, {"offset", "12"}, {"stage", "PUT"}} {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "e." + h.name, Value: []byte(h.value)})
	}
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: "e.message", Value: text(message)},
		kgo.RecordHeader{Key: "e.stack", Value: text(stack)})
	return deadletter.Letter{Record: r, Own: len(headers), Prefix: "e.", Message: "message", Stack: "stack"}
}

// shape tells what is left of a letter: the sizes of its parts and its notes.
func shape(r *kgo.Record) string {
	parts := []string{fmt.Sprintf("key %d value %d", len(r.Key), len(r.Value))}
	for _, h := range r.Headers {
		_, size := strings.CutSuffix(h.Key, ".truncated.from")
		if _, removed := strings.CutSuffix(h.Key, ".removed"); size || removed {
			parts = append(parts, h.Key+"="+string(h.Value))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %d", h.Key, len(h.Value)))
	}
	return strings.Join(parts, ", ")
}

const where = ", e.topic 2, e.partition 1, e.offset 2"

func TestFitCutsWhatIsNeededLeastFirst(t *testing.T) {
	for _, c := range []struct {
		name   string
		letter deadletter.Letter
		limit  int
		want   string
	}{
		{"what fits is whole", letter(2000, 600, 10, 500, 300), 4000,
			"key 10 value 500, h0 300" + where + ", e.stage 3, e.message 600, e.stack 2000"},
		{"the stack first", letter(50_000, 600, 10, 500, 300), 4000,
			"key 10 value 500, h0 300" + where + ", e.stage 3, e.message 600, e.stack 2396, e.stack.truncated.from=50000"},
		{"then the message", letter(2000, 50_000, 10, 500, 300), 4000,
			"key 10 value 500, h0 300" + where + ", e.stage 3, e.message 1940, e.stack 1024, " +
				"e.stack.truncated.from=2000, e.message.truncated.from=50000"},
		{"then the record's headers, the largest first", letter(100, 100, 10, 500, 300, 20_000, 290, 5000), 4000,
			"key 10 value 500, h0 300, h1 256, h2 290, h3 256" + where + ", e.stage 3, e.message 100, e.stack 100, " +
				"e.headers.truncated.from=25598"},
		{"the largest are left out", letter(100, 100, 10, 500, slices.Repeat([]int{100}, 50)...), 2000,
			"key 10 value 500, h0 100, h1 100, h2 100, h3 100, h4 100, h5 100, h6 100, h7 100, h8 100, h9 100" + where +
				", e.stage 3, e.message 100, e.stack 100, e.headers.truncated.from=5140, e.headers.removed=40"},
		{"then the value", letter(100, 100, 10, 50_000, 300), 1500, "key 10 value 1048" + where +
			", e.stage 3, e.message 100, e.stack 100, e.headers.truncated.from=302, e.headers.removed=1, " +
			"e.value.truncated.from=50000"},
		{"then the key", letter(100, 100, 50_000, 500), 1000, "key 583 value 0" + where +
			", e.stage 3, e.message 100, e.stack 100, e.value.truncated.from=500, e.key.truncated.from=50000"},
		{"down to the coordinates", letter(2000, 2000, 5000, 5000, 5000), 150, "key 0 value 0" + where},
	} {
		got, fits := c.letter.Fit(c.limit)
		if shape(got) != c.want || !fits || deadletter.Size(got) > c.limit {
			t.Errorf("%s: Fit(%d) = %s\nwith %d bytes, fits: %v, want\n%s", c.name, c.limit, shape(got), deadletter.Size(got), fits,
				c.want)
		}
	}
}

func TestFitSaysWhenNotEvenTheCoordinatesFit(t *testing.T) {
	got, fits := letter(2000, 2000, 5000, 5000, 5000).Fit(100)
	if want := "key 0 value 0" + where; fits || shape(got) != want {
		t.Errorf("Fit(100) = %s, fits: %v, want the coordinates, which do not fit", shape(got), fits)
	}
}

// Whatever a record's parts are, its letter fits, names the record, and is only a
// cut of what was there.
func TestLettersOfAllShapesFit(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	size := func() int { return int(float64(int(1)<<rng.IntN(18)) * rng.Float64()) }
	for range 2000 {
		headers := make([]int, rng.IntN(300))
		for i := range headers {
			headers[i] = size() / 16
		}
		l := letter(size(), size(), size(), size(), headers...)
		before, limit := shape(l.Record), 150+size()
		got, fits := l.Fit(limit)
		switch n := deadletter.Size(got); {
		case !fits || n > limit:
			t.Fatalf("seed %d: %d bytes for a limit of %d: %s", seed, n, limit, before)
		case !strings.Contains(shape(got), where):
			t.Fatalf("seed %d: %s does not name the record", seed, shape(got))
		case !bytes.HasPrefix(l.Record.Value, got.Value), !bytes.HasPrefix(l.Record.Key, got.Key):
			t.Fatalf("seed %d: key or value is not a beginning of what it was", seed)
		case shape(l.Record) != before:
			t.Fatalf("seed %d: the letter was changed: %s, was %s", seed, shape(l.Record), before)
		}
	}
}

// A key that is a header's name, and text that is not UTF-8, are cut as well.
func TestFitCutsHeadersWithLongNames(t *testing.T) {
	l := letter(10, 10, 10, 10, 10)
	l.Record.Headers[0].Key = strings.Repeat("名", 1_000_000)
	got, fits := l.Fit(1000)
	if want := "key 10 value 10" + where + ", e.stage 3, e.message 10, e.stack 10, e.headers.truncated.from=3000010, " +
		"e.headers.removed=1"; !fits || shape(got) != want {
		t.Errorf("Fit(1000) = %s, fits: %v, want %s", shape(got), fits, want)
	}
}
