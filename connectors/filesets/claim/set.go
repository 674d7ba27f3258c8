package claim

import (
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// setVersion is the version of a manifest that this package writes.
const setVersion = 1

// setPrefix begins the name of the manifest of a set that is not committed yet,
// in its claim.
const setPrefix = "set-"

// Set is a range of Kafka offsets of one partition and the files its records
// are in. A record of the range that is in no file was rejected or dropped.
type Set struct {
	// Version is that of the manifest. Commit sets it.
	Version int `json:"version"`
	// Topic is the log's. Commit sets it.
	Topic string `json:"topic"`
	// Partition is the log's. Commit sets it.
	Partition int32 `json:"partition"`
	// Claim names the claim whose temp files the set is made of. Commit sets it.
	Claim string `json:"claim"`
	// First is the first offset covered.
	First int64 `json:"first"`
	// Last is the last offset covered; the log goes on at Last+1.
	Last int64 `json:"last"`
	// Files are the data files, none when all records were rejected.
	Files []File `json:"files"`
	// Schemas are the schemas of the files as their format writes them down, for
	// a registry of files.
	Schemas []string `json:"schemas,omitempty"`
}

// File is one data file of a set.
type File struct {
	// Temp is the file's name inside the claim.
	Temp string `json:"temp"`
	// Path is its final path below the log's root.
	Path string `json:"path"`
	// Records is how many records it holds.
	Records int64 `json:"records"`
	// Bytes is its length.
	Bytes int64 `json:"bytes"`
	// Schema is the file's schema in the set's Schemas, if there are any.
	Schema int `json:"schema,omitempty"`
}

// The states of a committed set, as the ending of its name.
const (
	pending = ".pending"
	done    = ".done"
)

// ref is a committed set as the name of its manifest shows it.
type ref struct {
	first, last int64
	state       string
}

func (r ref) name() string { return fmt.Sprintf("%020d+%020d%s", r.first, r.last, r.state) }

// parseRef reads an entry of a commits directory; false for a foreign file. An
// error says why something that has the ending of a set is not one.
func parseRef(e storage.Entry) (r ref, is bool, err error) {
	r.state = path.Ext(e.Name)
	if r.state != pending && r.state != done {
		return ref{}, false, nil
	}
	first, last, _ := strings.Cut(strings.TrimSuffix(e.Name, r.state), "+")
	var err1, err2 error
	r.first, err1 = strconv.ParseInt(first, 10, 64)
	r.last, err2 = strconv.ParseInt(last, 10, 64)
	switch {
	case err1 != nil || err2 != nil || r.first < 0 || r.last < r.first || r.last == math.MaxInt64 || r.name() != e.Name:
		return ref{}, false, errors.New("its name has no range of offsets")
	case e.Dir || e.Other:
		return ref{}, false, errors.New("it is not a file")
	}
	return r, true, nil
}
