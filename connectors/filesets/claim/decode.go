package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// maxManifest is the longest manifest that is read or written, in bytes.
const maxManifest = 16 << 20

// decode reads the manifest of a set, and checks that it is one that this log can
// have: whoever can write to the storage must not decide what a take-over moves, or
// where to.
func (l *Log) decode(r ref, data []byte) (Set, error) {
	var s Set
	if err := json.Unmarshal(data, &s); err != nil {
		return Set{}, err
	}
	switch {
	case s.Version != setVersion:
		return Set{}, fmt.Errorf("version %d of the format is unknown, this program knows %d", s.Version, setVersion)
	case s.Topic != l.topic || s.Partition != l.partition:
		return Set{}, fmt.Errorf("it is a set of partition %d of topic %q", s.Partition, s.Topic)
	case s.First != r.first || s.Last != r.last:
		return Set{}, fmt.Errorf("it has the offsets %d to %d, other than its name", s.First, s.Last)
	case !isID(s.Claim):
		return Set{}, fmt.Errorf("%q is not the name of a claim", s.Claim)
	}
	seen := make(map[string]bool, 2*len(s.Files))
	for i, f := range s.Files {
		if err := f.check(len(s.Schemas)); err != nil {
			return Set{}, fmt.Errorf("file %d of the set: %w", i, err)
		}
		if seen["t"+f.Temp] || seen["p"+f.Path] {
			return Set{}, fmt.Errorf("file %d of the set: %q is named twice", i, f.Path)
		}
		seen["t"+f.Temp], seen["p"+f.Path] = true, true
	}
	return s, nil
}

// check says why a set can have no such file.
func (f File) check(schemas int) error {
	switch {
	case !isElement(f.Temp) || strings.HasPrefix(f.Temp, setPrefix):
		return fmt.Errorf("%q is not the name of a temp file", f.Temp)
	case !isBelow(f.Path):
		return fmt.Errorf("%q is not the path of a file in a topic's folder", f.Path)
	case f.Records < 0 || f.Bytes < 0:
		return fmt.Errorf("it has %d records and %d bytes", f.Records, f.Bytes)
	case f.Schema < 0 || f.Schema > 0 && f.Schema >= schemas:
		return errors.New("its schema is missing")
	}
	return nil
}

// isElement reports whether a name is one element of a path.
func isElement(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// isBelow reports whether a path stays in a topic's folder, and out of the
// protocol's own.
func isBelow(p string) bool {
	topic, rest, ok := strings.Cut(p, "/")
	return ok && rest != "" && path.Clean(p) == p && isElement(topic) && topic[0] != '+' && !strings.Contains(p, "\x00")
}

// idLength is that of the names of claims, which [crypto/rand.Text] makes.
const idLength = 26

// isID reports whether a name can be a claim's.
func isID(name string) bool {
	return len(name) == idLength && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// isClaim reports whether an entry is a claim. What else is where claims are is
// nobody's business: it is neither moved nor removed.
func isClaim(e storage.Entry) bool { return e.Dir && isID(e.Name) }
