package main

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/cmd/internal/bench"
)

// result is one run of one program.
type result struct {
	start      time.Duration // until the REST API answers
	startCPU   time.Duration
	cold, warm bench.Rate
	peak       float64 // megabytes
}

func (r result) String() string {
	if r.start > 0 {
		return fmt.Sprintf("%7.3f s to an answer  %6.2f s CPU  %5.0f MB peak",
			r.start.Seconds(), r.startCPU.Seconds(), r.peak)
	}
	return fmt.Sprintf("cold %s   warm %s  %5.0f MB peak", r.cold, r.warm, r.peak)
}

// addTo adds what is compared.
func (r result) addTo(t *bench.Table, part, program string) {
	if r.start > 0 {
		t.Add(part, "seconds to an answer", program, r.start.Seconds())
		t.Add(part, "CPU seconds until then", program, r.startCPU.Seconds())
	} else {
		t.Add(part, "CPU µs/record, warm", program, r.warm.CPU)
		t.Add(part, "CPU µs/record, cold", program, r.cold.CPU)
		t.Add(part, "records/s, warm", program, r.warm.Speed)
	}
	t.Add(part, "peak MB", program, r.peak)
}
