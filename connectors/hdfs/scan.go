package hdfs

import (
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// lastFile finds where the files of a partition end when it has no log, for
// instance because the Java sink wrote them: the largest offset in their names.
func lastFile(st storage.Storage, s *settings, tp connect.TopicPartition) (next int64, ok bool, err error) {
	prefix := tp.Topic + s.delim + strconv.Itoa(int(tp.Partition)) + s.delim
	var walk func(dir string) error
	walk = func(dir string) error {
		list, err := st.List(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, e := range list {
			if e.Dir {
				if err := walk(path.Join(dir, e.Name)); err != nil {
					return err
				}
				continue
			}
			if last, is := lastOffset(e.Name, prefix, s.delim); is && last >= next {
				next, ok = last+1, true
			}
		}
		return err
	}
	err = walk(path.Join(s.root, tp.Topic))
	return next, ok, err
}

// lastOffset reads the last offset in a file's name,
// <topic>+<partition>+<first>+<last>.<ext>.
func lastOffset(name, prefix, delim string) (int64, bool) {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, ".")
	_, last, ok := strings.Cut(rest, delim)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(last, 10, 64)
	return n, err == nil && n >= 0
}
