// Package names names the data files of a sink, and finds in the names of those that
// are there where a partition goes on.
package names

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// Names say how data files are named: <topic>+<partition>+<first>+<last> and the
// ending of the format. A name is unique, because no two files begin at the
// same offset of a partition.
type Names struct {
	// Delim is what separates the parts, as +. It has no character that a
	// topic's name may have.
	Delim string
	// Pad is the least number of digits of an offset, with leading zeros.
	Pad int
}

// CheckDelim says why a text cannot separate the parts of names.
func CheckDelim(s string) error {
	legal := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return letter || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	if s == "" || strings.ContainsRune(s, '/') || strings.IndexFunc(s, legal) >= 0 {
		return errors.New("must contain no slash and no character that topics may have")
	}
	return layout.CheckName(s)
}

// Name is the final name of a file. The topic is the one that the records were
// read from, because the offsets are that topic's, whatever topic a transform gave
// them.
func (n Names) Name(tp connect.TopicPartition, first, last int64, ext string) string {
	return fmt.Sprintf("%s%0*d%s%0*d%s", n.prefix(tp), n.Pad, first, n.Delim, n.Pad, last, ext)
}

func (n Names) prefix(tp connect.TopicPartition) string {
	return tp.Topic + n.Delim + strconv.Itoa(int(tp.Partition)) + n.Delim
}

// last reads the last offset in a file's name; false when the file is not one
// of the partition's.
func (n Names) last(tp connect.TopicPartition, name string) (int64, bool) {
	rest, ok := strings.CutPrefix(name, n.prefix(tp))
	if !ok {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, ".")
	_, last, ok := strings.Cut(rest, n.Delim)
	if !ok {
		return 0, false
	}
	offset, err := strconv.ParseInt(last, 10, 64)
	return offset, err == nil && offset >= 0 && offset < math.MaxInt64
}

// End returns the offset after the largest in the names of a partition's files
// below root, and false when there are none. It says where to go on when the
// partition has no log, for instance because the Java sink wrote the files. What is
// not a file does not count, and symbolic links are not followed.
func (n Names) End(st storage.Storage, root string, tp connect.TopicPartition) (end int64, ok bool, err error) {
	var walk func(dir string) error
	walk = func(dir string) error {
		for e, err := range st.List(dir) {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case e.Dir:
				if err := walk(path.Join(dir, e.Name)); err != nil {
					return err
				}
				continue
			}
			if last, is := n.last(tp, e.Name); is && !e.Other && last >= end {
				end, ok = last+1, true
			}
		}
		return nil
	}
	folder, err := layout.Folder(tp.Topic)
	if err == nil {
		err = walk(path.Join(root, folder))
	}
	return end, ok, err
}
