package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/input"
	"github.com/suiro/suiro/cmd/internal/demo/tally"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/examples"
)

// standardInput is the path by which the file source means the standard input.
const standardInput = "-"

// source is the log that the run reads, and how many lines of it are new.
type source struct {
	path  string // an absolute path, or standardInput
	names names
	tally *tally.Tally

	lines   *input.Count
	from    int64 // the byte that the file source begins at
	size    int64 // in bytes, when the run began; a log may grow
	earlier int64 // records and rejected lines that were in Kafka before
	cutOff  bool  // the input was not read to its end
}

// inputPath finds and checks the input; "" is the built-in log.
func inputPath(o *Options) (string, error) {
	switch o.File {
	case "", standardInput:
		return o.File, nil
	}
	path, err := filepath.Abs(o.File)
	if err != nil {
		return "", err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", err
	}
	if inside, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(inside) && !o.external() {
		return "", fmt.Errorf("read the log: %s is in the demo's folder, which is emptied first: move the file, or "+
			"choose another folder with --dir", o.File)
	}
	return path, input.CheckFile(path)
}

// exampleLog puts the built-in log into the folder.
func exampleLog(f folder.Folder) (string, error) {
	return f.Write("access.ltsv", []byte(examples.AccessLog()))
}

// openSource starts to count the lines that earlier runs have not read.
func openSource(path string, n names, t *tally.Tally) (*source, error) {
	s := &source{path: path, names: n, tally: t}
	s.earlier = t.Records(n.topic(accessLTSV)) + t.Records(n.dead(stageFile))
	if path == standardInput {
		tap, err := input.TapStdin()
		if err != nil {
			return nil, fmt.Errorf("read the standard input: %w", err)
		}
		s.lines = input.Begin(tap.Lines)
		return s, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	s.size = info.Size()
	if s.from, err = s.position(); err != nil {
		return nil, fmt.Errorf("find where the last run ended: %w", err)
	}
	s.lines = input.Begin(func() (int64, error) { return input.CountFile(path, s.from, s.size) })
	return s, nil
}

// position is the byte of the input that the file source continues from, as
// kept in the topic of source offsets.
func (s *source) position() (int64, error) {
	key, err := backing.Key(s.names.connector(stageFile), map[string]any{"filename": s.path})
	if err != nil {
		return 0, err
	}
	var at int64
	for _, r := range s.tally.Remembered(s.names.topic(offsets)) {
		if string(r.Key) != string(key) || r.Value == nil {
			continue
		}
		offset, err := backing.DecodeMap(r.Value)
		if err != nil {
			return 0, err
		}
		at, _ = offset["position"].(int64)
	}
	return at, nil
}

// progress is how far the file source has got.
func (s *source) progress(rejected int64) progress {
	p := progress{rejected: rejected, lag: -1}
	p.processed = s.tally.Records(s.names.topic(accessLTSV)) + rejected - s.earlier
	if total, ok := s.lines.Known(); ok {
		p.lag = max(0, total-p.processed) // a log may have grown
	}
	return p
}

// countInto counts the lines that earlier runs put into Kafka and those of this
// run's input. Lines that the source has not read are waiting.
func (s *source) countInto(ctx context.Context, r *row) {
	var lines int64
	var err error
	if s.path == standardInput {
		lines, err = s.linesOfStdin(ctx)
	} else {
		lines, r.waiting, err = s.linesOfFile()
	}
	r.in, r.uncounted = s.earlier+lines, err
}

func (s *source) linesOfStdin(ctx context.Context) (int64, error) {
	if s.cutOff {
		return 0, errors.New("the standard input was cut off, so its lines cannot be counted")
	}
	return s.lines.Wait(ctx)
}

// linesOfFile counts the lines that the file had when the run began, and those
// that were added since and that the source has read.
func (s *source) linesOfFile() (all, waiting int64, err error) {
	at, err := s.position()
	if err != nil {
		return 0, 0, err
	}
	end := max(s.size, at)
	if all, err = input.CountFile(s.path, s.from, end); err == nil && s.cutOff {
		waiting, err = input.CountFile(s.path, at, end)
	}
	return all, waiting, err
}
