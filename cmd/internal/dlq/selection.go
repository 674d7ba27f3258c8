package dlq

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

// selection are the flags that say which letters are meant.
type selection struct {
	cluster.Flags

	filter         letter.Filter
	pattern, since string
	partition      int32
	offset         string
}

func (s *selection) define(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&s.filter.Origins, "origin", nil, "Only letters of records of the `topic`; may be given again")
	f.StringSliceVar(&s.filter.Connectors, "connector", nil,
		"Only letters of the connector with the `name`; may be given again")
	f.StringSliceVar(&s.filter.Stages, "stage", nil, "Only letters of records that failed at the `stage`, such as "+
		"VALUE_CONVERTER or deserialization; may be given again")
	f.StringVar(&s.filter.Reason, "reason", "", "Only letters with this `text` in their reason, as list or show prints it")
	f.StringVar(&s.pattern, "reason-regexp", "", "Only letters in whose reason the regular `expression` is found")
	f.StringVar(&s.since, "since", "", "Only letters of records of the `time` or later, such as 2026-01-31T08:00:00Z, or "+
		"of the last while, such as 36h")
	f.Int32Var(&s.partition, "partition", -1, "Only letters of the partition with this `number` (default all)")
	f.StringVar(&s.offset, "offset", "", "Only the letter of this `offset`, or those of 10-20, 10- or -20")
	_ = c.RegisterFlagCompletionFunc("stage", // the flag exists
		cobra.FixedCompletions(letter.Stages(), cobra.ShellCompDirectiveNoFileComp))
	flags.Group(c, "Which letters", "origin", "connector", "stage", "reason", "reason-regexp", "since", "partition",
		"offset")
	s.Define(c)
}

// check reads the flags. The error, a [cli.UsageError], names all that are wrong.
func (s *selection) check(c *cobra.Command, now time.Time) (rng reader.Range, err error) {
	var errs []error
	rng = reader.All
	if s.partition >= 0 {
		rng.Partition = s.partition
	} else if c.Flags().Changed("partition") {
		errs = append(errs, fmt.Errorf("--partition %d: must be at least 0", s.partition))
	}
	if rng.From, rng.To, err = parseOffsets(s.offset); err != nil {
		errs = append(errs, err)
	}
	if s.pattern != "" {
		if s.filter.Pattern, err = regexp.Compile(s.pattern); err != nil {
			errs = append(errs, fmt.Errorf("--reason-regexp %s: %w", s.pattern, err))
		}
	}
	if s.filter.Since, err = parseSince(s.since, now); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return rng, cli.UsageError{Err: err}
	}
	return rng, nil
}

// parseOffsets reads 12, 12-40, 12- and -40. -1 is no bound.
func parseOffsets(text string) (from, to int64, err error) {
	if text == "" {
		return -1, -1, nil
	}
	first, last, span := strings.Cut(text, "-")
	if !span {
		last = first
	}
	number := func(text string) int64 {
		if text == "" && span {
			return -1
		}
		n, parseErr := strconv.ParseUint(text, 10, 63)
		if parseErr != nil {
			err = fmt.Errorf("--offset %s: is neither an offset such as 12 nor a span such as 12-40, 12- or -40", text)
		}
		return int64(n)
	}
	from, to = number(first), number(last)
	if err != nil || span && to >= 0 && to < from || from < 0 && to < 0 {
		return -1, -1, fmt.Errorf("--offset %s: is neither an offset such as 12 nor a span such as 12-40, 12- or -40", text)
	}
	return from, to, nil
}

// parseSince reads a time, or a duration before now.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %s: is neither a time such as 2026-01-31T08:00:00Z nor a duration such as 36h",
		text)
}
