package main

import (
	"fmt"
	"slices"
	"time"
)

// rate is what records cost and how fast they went.
type rate struct {
	cpu   float64 // microseconds a record, user and system
	speed float64 // records a second
}

// between is the rate from one sample to another.
func between(from, to sample) rate {
	n := float64(to.done - from.done)
	return rate{cpu: float64((to.cpu - from.cpu).Microseconds()) / n, speed: n / to.at.Sub(from.at).Seconds()}
}

// result is one run of one program.
type result struct {
	start      time.Duration // until the REST API answers
	startCPU   time.Duration
	cold, warm rate
	peak       float64 // megabytes
}

func (r rate) String() string {
	return fmt.Sprintf("%6.2f µs/record CPU  %8.0f records/s", r.cpu, r.speed)
}

func (r result) String() string {
	if r.start > 0 {
		return fmt.Sprintf("%7.3f s to an answer  %6.2f s CPU  %5.0f MB peak",
			r.start.Seconds(), r.startCPU.Seconds(), r.peak)
	}
	return fmt.Sprintf("cold %s   warm %s  %5.0f MB peak", r.cold, r.warm, r.peak)
}

// results are those of all rounds, by what was run and by the program's name.
type results map[string]map[string][]result

func (r results) add(part string, p program, one result) {
	if r[part] == nil {
		r[part] = map[string][]result{}
	}
	r[part][p.name] = append(r[part][p.name], one)
}

// figures are what is compared, in the order in which they are printed.
var figures = []struct {
	part, name string
	of         func(result) float64
}{
	{"start", "seconds to an answer", func(r result) float64 { return r.start.Seconds() }},
	{"start", "CPU seconds until then", func(r result) float64 { return r.startCPU.Seconds() }},
	{"start", "peak MB", func(r result) float64 { return r.peak }},
	{"source", "CPU µs/record, warm", func(r result) float64 { return r.warm.cpu }},
	{"source", "CPU µs/record, cold", func(r result) float64 { return r.cold.cpu }},
	{"source", "records/s, warm", func(r result) float64 { return r.warm.speed }},
	{"source", "peak MB", func(r result) float64 { return r.peak }},
	{"sink", "CPU µs/record, warm", func(r result) float64 { return r.warm.cpu }},
	{"sink", "CPU µs/record, cold", func(r result) float64 { return r.cold.cpu }},
	{"sink", "records/s, warm", func(r result) float64 { return r.warm.speed }},
	{"sink", "peak MB", func(r result) float64 { return r.peak }},
}

// print prints the medians of all figures, and the first program's by the second's.
func (r results) print(programs []program) {
	fmt.Printf("\n%-8s %-24s", "", "median")
	for _, p := range programs {
		fmt.Printf(" %12s", p.name)
	}
	if len(programs) == 2 {
		fmt.Printf(" %15s", programs[0].name+" ÷ "+programs[1].name)
	}
	fmt.Println()
	for _, f := range figures {
		fmt.Printf("%-8s %-24s", f.part, f.name)
		var medians []float64
		for _, p := range programs {
			m := median(r[f.part][p.name], f.of)
			medians = append(medians, m)
			fmt.Printf(" %12.*f", digits(m), m)
		}
		if len(medians) == 2 {
			fmt.Printf(" %14.2f", medians[0]/medians[1])
		}
		fmt.Println()
	}
}

// digits are as many as say something.
func digits(v float64) int {
	switch {
	case v < 1:
		return 3
	case v < 100:
		return 2
	}
	return 0
}

// median returns the middle of a figure.
func median(list []result, of func(result) float64) float64 {
	var values []float64
	for _, r := range list {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
