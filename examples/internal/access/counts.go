package access

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"

	"github.com/suiro/suiro/streams"
)

// accuracy is the relative error of percentiles (DDSketch, VLDB 2019).
const accuracy = 0.01

// Counts are the counts of one server and minute. They do not depend on the
// order of requests.
type Counts struct {
	requests int64
	statuses map[uint16]int64
	nanos    int64 // sum of response times in nanoseconds: a sum of integers is the same in any order
	times    *ddsketch.DDSketch
}

// NewCounts returns the counts of no requests.
func NewCounts() *Counts {
	times, err := ddsketch.NewDefaultDDSketch(accuracy)
	if err != nil {
		panic(err) // accuracy is a constant
	}
	return &Counts{statuses: map[uint16]int64{}, times: times}
}

// Add counts a request.
func (s *Counts) Add(r Request) error {
	s.requests++
	if r.status != 0 {
		s.statuses[r.status]++
	}
	if math.IsNaN(r.seconds) {
		return nil
	}
	nanos := int64(math.Round(r.seconds * 1e9))
	s.nanos += min(nanos, math.MaxInt64-s.nanos) // which is the same in any order
	return s.times.Add(r.seconds)
}

// Stats are the counts of one server and minute as server-stats shows them.
type Stats struct {
	// Server is the server's name, "-" for requests that name none.
	Server string `json:"server"`
	// Minute is the beginning of the minute, RFC 3339 in UTC.
	Minute string `json:"minute"`
	// Requests is the number of requests.
	Requests int64 `json:"requests"`
	// Statuses is the number of requests by HTTP status. Requests without a status
	// are left out.
	Statuses map[string]int64 `json:"statuses"`
	// Mean is the mean response time in seconds, nil when no request had one.
	Mean *float64 `json:"reqtime_mean,omitempty"`
	// P50, P95 and P99 are percentiles of the response time in seconds, within 1 %;
	// nil when no request had one.
	P50 *float64 `json:"reqtime_p50,omitempty"`
	P95 *float64 `json:"reqtime_p95,omitempty"`
	P99 *float64 `json:"reqtime_p99,omitempty"`
}

// Show turns the counts into numbers to show, without server and minute.
func (s *Counts) Show() (Stats, error) {
	out := Stats{Requests: s.requests, Statuses: make(map[string]int64, len(s.statuses))}
	for status, n := range s.statuses {
		out.Statuses[strconv.Itoa(int(status))] = n
	}
	n := s.times.GetCount()
	if n == 0 {
		return out, nil
	}
	mean := float64(s.nanos) / 1e9 / n
	q, err := s.times.GetValuesAtQuantiles([]float64{0.50, 0.95, 0.99})
	if err != nil {
		return out, fmt.Errorf("percentiles: %w", err)
	}
	out.Mean, out.P50, out.P95, out.P99 = &mean, &q[0], &q[1], &q[2]
	return out, nil
}

// countsVersion is the first byte of stored counts:
//
//	1 byte version | uvarint requests | varint sum of times in nanoseconds
//	| uvarint number of statuses | (uvarint status, uvarint count)... | DDSketch
const countsVersion = 1

// CountsSerde stores counts.
func CountsSerde() streams.Serde[*Counts] { return streams.NewSerde((*Counts).encode, DecodeCounts) }

func (s *Counts) encode() ([]byte, error) {
	b := binary.AppendUvarint([]byte{countsVersion}, uint64(s.requests))
	b = binary.AppendVarint(b, s.nanos)
	b = binary.AppendUvarint(b, uint64(len(s.statuses)))
	statuses := make([]uint16, 0, len(s.statuses))
	for status := range s.statuses {
		statuses = append(statuses, status)
	}
	sort.Slice(statuses, func(i, j int) bool { return statuses[i] < statuses[j] })
	for _, status := range statuses {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(status)), uint64(s.statuses[status]))
	}
	s.times.Encode(&b, true)
	return b, nil
}

// DecodeCounts reads stored counts. They may be damaged: no number in them decides how
// much memory is taken before it is compared with what there is.
func DecodeCounts(b []byte) (*Counts, error) {
	if len(b) == 0 || b[0] != countsVersion {
		return nil, fmt.Errorf("stored counts have another version than %d", countsVersion)
	}
	r := reader{b: b[1:]}
	requests, nanos, statuses := r.uvarint(), r.varint(), r.uvarint()
	s := &Counts{requests: int64(requests), nanos: nanos, statuses: map[uint16]int64{}}
	if statuses > math.MaxUint16+1 || requests > math.MaxInt64 || nanos < 0 {
		return nil, errDamaged
	}
	for range statuses {
		status, n := r.uvarint(), r.uvarint()
		if r.err != nil || status > math.MaxUint16 || n > math.MaxInt64 {
			return nil, errors.Join(errDamaged, r.err)
		}
		s.statuses[uint16(status)] = int64(n)
	}
	if r.err != nil {
		return nil, r.err
	}
	var err error
	s.times, err = decodeTimes(r.b)
	return s, err
}

var errDamaged = errors.New("stored counts are damaged: a number is out of range")

// maxCount is the highest number of requests that percentiles are exact with.
const maxCount = 1 << 53

// decodeTimes reads a sketch. It goes through one that holds only what the bytes name: the
// one that is used has room for everything between its lowest and its highest value.
func decodeTimes(b []byte) (*ddsketch.DDSketch, error) {
	index, err := mapping.NewLogarithmicMapping(accuracy)
	if err != nil {
		return nil, err
	}
	found, err := ddsketch.DecodeDDSketch(b, store.SparseStoreConstructor, index)
	if err != nil {
		return nil, fmt.Errorf("stored percentiles: %w", err)
	}
	low, high := index.Index(index.MinIndexableValue()), index.Index(maxSeconds)
	valid := func(n float64) bool { return n >= 0 && n <= maxCount }
	times := ddsketch.NewDDSketchFromStoreProvider(index, store.BufferedPaginatedStoreConstructor)
	ok := valid(found.GetZeroCount()) && found.GetNegativeValueStore().IsEmpty()
	found.GetPositiveValueStore().ForEach(func(i int, n float64) bool {
		if ok = ok && i >= low && i <= high && valid(n); ok {
			times.GetPositiveValueStore().AddWithCount(i, n)
		}
		return !ok
	})
	if !ok {
		return nil, errDamaged
	}
	if zero := found.GetZeroCount(); zero > 0 {
		err = times.AddWithCount(0, zero)
	}
	return times, err
}

// reader reads varints from the front of b. err is set when b ends too early.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *reader) skip(n int) {
	if n <= 0 {
		r.err, r.b = errors.New("stored counts are cut short"), nil
		return
	}
	r.b = r.b[n:]
}
