package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

var _ connect.Checker = (*SinkConnector)(nil)

// Check implements [connect.Checker]: it looks for the folder of the files and, with Hive,
// asks the metastore for the database of the tables.
func (c *SinkConnector) Check(ctx context.Context, v config.Values) (found string, err error) {
	s, err := newSettings(v)
	if err != nil {
		return "", err
	}
	if found, err = s.lookForFolder(ctx); err != nil || !s.HiveIntegration {
		return found, err
	}
	m := hive.New(s.metastores)
	defer func() { _ = m.Close() }() // it was only asked
	if err := m.Check(ctx, s.HiveDatabase); err != nil {
		return found, err
	}
	return found + "; Hive has the database " + s.HiveDatabase, nil
}

// lookForFolder finds out whether the storage answers, and whether the folder is there.
func (s *settings) lookForFolder(ctx context.Context) (found string, err error) {
	store, err := s.open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	entry, err := inTime(ctx, func() (storage.Entry, error) { return store.Stat(s.files.Root) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.uri + " is not there yet and is made with the first file", nil
	case err != nil:
		return "", fmt.Errorf("look for %s: %w", s.uri, err)
	case !entry.Dir:
		return "", fmt.Errorf("%s is no folder: choose another topics.dir", s.uri)
	}
	return "the folder " + s.uri + " is there", nil
}

// inTime returns what fn does, or the error of ctx when fn takes longer than ctx allows. fn
// then ends by itself, once what it uses is closed.
func inTime[T any](ctx context.Context, fn func() (T, error)) (out T, err error) {
	type result struct {
		out T
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.out, r.err = fn()
		done <- r
	}()
	select {
	case r := <-done:
		return r.out, r.err
	case <-ctx.Done():
		return out, ctx.Err()
	}
}
