package file

import (
	"github.com/suiro/suiro/connect/config"
)

// The values of file.end.
const (
	endFollow = "follow"
	endStop   = "stop"
)

var sourceDef = config.New(
	config.Key{Name: "file", Type: config.String,
		Doc: "Source filename: a regular file or a named pipe. If not specified, or -, the standard input will be used."},
	config.Key{Name: "topic", Type: config.String, Required: true, Valid: config.NonEmpty(),
		Doc: "The topic to publish data to."},
	config.Key{Name: "batch.size", Type: config.Int, Default: 2000, Valid: config.AtLeast(1), Importance: config.Low,
		Doc: "The maximum number of records the source task can read from the file each time it is polled."},
	config.Key{Name: "file.end", Type: config.String, Default: endFollow, Importance: config.Medium,
		Valid: config.OneOf(false, endFollow, endStop),
		Doc:   "Whether to follow the file as it grows, or to stop at its end."},
	config.Key{Name: "line.max.bytes", Type: config.Int, Default: 1 << 20, Valid: config.Between(1, 1<<30),
		Importance: config.Medium, Doc: "The longest line that becomes a record, in bytes; a longer one is rejected."},
	config.Key{Name: "poll.interval.ms", Type: config.Int, Default: 250, Valid: config.AtLeast(1),
		Importance: config.Low, Doc: "How often to look for new lines in a followed file, in milliseconds."},
)

var sinkDef = config.New(
	config.Key{Name: "file", Type: config.String,
		Doc: "Destination filename. If not specified, or -, the standard output will be used. A new file can be read by " +
			"its owner alone (mode 0600): make it first for more readers. A symbolic link is not followed."},
)
