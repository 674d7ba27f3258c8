package file

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/file/internal/presence"
	"github.com/suiro/suiro/connectors/file/internal/regular"
	"github.com/suiro/suiro/connectors/file/internal/render"
)

// SinkPlugin describes the sink connector as a worker loads it.
func SinkPlugin() connect.SinkPlugin {
	return connect.SinkPlugin{
		Info: connect.Info{
			Class:   "FileStreamSink",
			Aliases: []string{"org.apache.kafka.connect.file.FileStreamSinkConnector"},
			Def:     sinkDef,
			Doc:     "Appends the values of records to a file as lines.",
		},
		New:     func() connect.SinkConnector { return &SinkConnector{} },
		Metrics: func(r prometheus.Registerer) { newSinkCounts(r) },
	}
}

var (
	_ connect.SinkConnector     = (*SinkConnector)(nil)
	_ connect.SinkOffsetAlterer = (*SinkConnector)(nil)
)

// SinkConnector appends the values of records to one file.
type SinkConnector struct{}

// Start has nothing to acquire.
func (c *SinkConnector) Start(context.Context, config.Values) error { return nil }

// Check implements [connect.Checker]: it looks for the file or its folder, on this machine.
func (c *SinkConnector) Check(_ context.Context, v config.Values) (found string, err error) {
	if path := v.String("file"); path != "" && path != standard {
		return presence.OfSink(path)
	}
	return "the standard output of the worker", nil
}

// TaskConfigs returns the configuration once for each task; all append to the
// same file.
func (c *SinkConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.SameConfig(maxTasks), nil
}

// NewTask returns a task that has not been started.
func (c *SinkConnector) NewTask() connect.SinkTask { return &SinkTask{} }

// AlterOffsets takes all offsets: the connector keeps none of its own.
func (c *SinkConnector) AlterOffsets(context.Context, config.Values, connect.Offsets, []connect.TopicPartition) error {
	return nil
}

// Stop has nothing to free.
func (c *SinkConnector) Stop() error { return nil }

var _ connect.SinkTask = (*SinkTask)(nil)

// SinkTask appends values to a file as lines: text, bytes and JSON as they came,
// other data as package render writes them. Offsets are committed after the file is synced;
// after a crash lines may be repeated.
type SinkTask struct {
	tc     connect.SinkContext
	counts *sinkCounts
	path   string
	file   *os.File // nil for the standard output
	out    io.Writer
	room   []byte // for the lines of one write, used again and again
}

// Start opens the file for appending. If a crash left the last line without a line
// end, Start adds one, so that lines which are written again are lines of their own.
func (t *SinkTask) Start(_ context.Context, tc connect.SinkContext, v config.Values) (err error) {
	t.tc, t.counts, t.path, t.out = tc, newSinkCounts(tc.Metrics()), v.String("file"), os.Stdout
	if t.path == "" || t.path == "-" {
		return nil
	}
	if t.file, err = regular.Append(t.path); err != nil {
		return fmt.Errorf("open the destination file: %w", err)
	}
	t.out = t.file
	if open, err := hasOpenLine(t.file); err != nil || !open {
		return err
	}
	_, err = t.file.WriteString("\n")
	return err
}

// hasOpenLine reports whether the last line of a file has no line end. It returns
// false for a pipe or another path that is not a regular file.
func hasOpenLine(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}

// Open has nothing to do.
func (*SinkTask) Open(context.Context, []connect.TopicPartition) error { return nil }

// maxWrite is how many bytes of lines are written at a time, and one more line.
const maxWrite = 1 << 20

// Put writes many lines at a time and each as a whole, because other tasks may write
// to the same file.
func (t *SinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	lines, written := t.room[:0], 0
	defer func() { t.keep(lines) }()
	for i, r := range records {
		line, err := render.Line(&r.Value)
		if err != nil {
			t.counts.rejected.Inc()
			if err := t.tc.Report(r, err, nil); err != nil {
				return err
			}
		} else {
			lines = append(append(lines, line...), '\n')
			written++
		}
		if len(lines) < maxWrite && i < len(records)-1 {
			continue
		}
		if _, err := t.out.Write(lines); err != nil {
			return fmt.Errorf("write %s: %w", t.path, err)
		}
		t.counts.lines.Add(float64(written))
		t.counts.bytes.Add(float64(len(lines) - written))
		lines, written = lines[:0], 0
	}
	return nil
}

// maxRoom is how much room for lines is kept from one Put to the next. What a batch of
// usual lines takes fits in; a worker with many tasks has it once for each.
const maxRoom = 256 << 10

func (t *SinkTask) keep(room []byte) {
	if cap(room) <= maxRoom {
		t.room = room
	}
}

// PreCommit syncs the file, so that the lines are on disk.
func (t *SinkTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	if t.file != nil {
		if err := t.file.Sync(); err != nil {
			return nil, fmt.Errorf("sync %s: %w", t.path, err)
		}
	}
	return current, nil
}

// Close has nothing to do: every record that was put is written.
func (*SinkTask) Close(context.Context, []connect.TopicPartition, bool) error { return nil }

// Stop closes the file.
func (t *SinkTask) Stop() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
