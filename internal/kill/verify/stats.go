package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Slot is a server and a minute: requests are counted for each.
type Slot struct {
	// Server is the virtual host.
	Server string
	// Minute is the start of the minute, RFC 3339.
	Minute string
}

// Stat is what is counted in a Slot.
type Stat struct {
	// Requests is the number of requests.
	Requests int64
	// Statuses is the number of requests for each HTTP status.
	Statuses map[string]int64
	// Rest is the other fields, such as percentiles, as JSON. It is empty when
	// they are not known.
	Rest string
}

// Stats are the counts of an app.
type Stats map[Slot]Stat

// Requests returns the sum of all requests.
func (s Stats) Requests() int64 {
	sum := int64(0)
	for _, v := range s {
		sum += v.Requests
	}
	return sum
}

// AskStats adds up what instances answer at the given URLs: a JSON array of objects
// with server, minute, requests and statuses. Each slot is counted on one instance
// only; it is an error when two instances have one.
func AskStats(ctx context.Context, urls ...string) (Stats, error) {
	all := Stats{}
	for _, url := range urls {
		if err := all.ask(ctx, url); err != nil {
			return nil, fmt.Errorf("ask %s: %w", url, err)
		}
	}
	return all, nil
}

func (s Stats) ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	var rows []map[string]json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&rows); err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.add(row); err != nil {
			return err
		}
	}
	return nil
}

func (s Stats) add(row map[string]json.RawMessage) error {
	var slot Slot
	var stat Stat
	for field, to := range map[string]any{
		"server": &slot.Server, "minute": &slot.Minute, "requests": &stat.Requests, "statuses": &stat.Statuses,
	} {
		if err := json.Unmarshal(row[field], to); err != nil {
			return fmt.Errorf("field %s: %w", field, err)
		}
		delete(row, field)
	}
	if _, twice := s[slot]; twice {
		return fmt.Errorf("two instances have counts for %v", slot)
	}
	rest, err := json.Marshal(row) // in the order of names
	stat.Rest = string(rest)
	s[slot] = stat
	return err
}

// CountStats counts a topic of JSON requests with time (RFC 3339), vhost and
// status itself.
func CountStats(ctx context.Context, opts []kgo.Opt, topic string) (Stats, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	ranges, err := Ends(ctx, kadm.NewClient(cl), topic)
	if err != nil {
		return nil, err
	}
	s := Stats{}
	var bad error
	err = Read(ctx, opts, topic, ranges, kgo.ReadCommitted(), func(r *kgo.Record) {
		if err := s.count(r.Value); err != nil && bad == nil {
			bad = fmt.Errorf("%s[%d]@%d: %w", r.Topic, r.Partition, r.Offset, err)
		}
	})
	if err != nil {
		return nil, err
	}
	return s, bad
}

func (s Stats) count(value []byte) error {
	var q struct {
		Time   time.Time
		VHost  string
		Status int
	}
	if err := json.Unmarshal(value, &q); err != nil {
		return err
	}
	slot := Slot{q.VHost, q.Time.UTC().Truncate(time.Minute).Format(time.RFC3339)}
	stat, ok := s[slot]
	if !ok {
		stat.Statuses = map[string]int64{}
	}
	stat.Requests++
	stat.Statuses[fmt.Sprint(q.Status)]++
	s[slot] = stat
	return nil
}

// Compare returns the first twenty differences from want, in words. With atLeastOnce
// larger counts are not differences, and Rest is not compared.
func (s Stats) Compare(want Stats, atLeastOnce bool) []string {
	var bad []string
	slots := slices.Collect(maps.Keys(want))
	for slot := range s {
		if _, ok := want[slot]; !ok {
			slots = append(slots, slot)
		}
	}
	slices.SortFunc(slots, func(a, b Slot) int {
		return strings.Compare(a.Minute+a.Server, b.Minute+b.Server)
	})
	for _, slot := range slots {
		if d := s[slot].differs(want[slot], atLeastOnce); d != "" && len(bad) < maxOffenders {
			bad = append(bad, slot.Server+" "+slot.Minute+": "+d)
		}
	}
	return bad
}

func (s Stat) differs(want Stat, atLeastOnce bool) string {
	less := s.Requests < want.Requests
	for status, n := range want.Statuses {
		less = less || s.Statuses[status] < n
	}
	switch {
	case less || !atLeastOnce && (s.Requests != want.Requests || !maps.Equal(s.Statuses, want.Statuses)):
		return fmt.Sprintf("%d requests %v, want %d %v", s.Requests, s.Statuses, want.Requests, want.Statuses)
	case !atLeastOnce && s.Rest != "" && want.Rest != "" && s.Rest != want.Rest:
		return fmt.Sprintf("%s, want %s", s.Rest, want.Rest)
	}
	return ""
}
