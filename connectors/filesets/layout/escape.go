package layout

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxName is the longest name of a file or directory, in bytes, that HDFS and
// the usual file systems take.
const MaxName = 255

// CheckName tells why HDFS or a usual file system would refuse the name of a
// file or directory. A file that is committed must be possible to put in place.
func CheckName(name string) error {
	switch {
	case len(name) > MaxName:
		return fmt.Errorf("a name of %d bytes is longer than the %d that file systems take", len(name), MaxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name %q is not UTF-8", name)
	case name == "" || name == "." || name == ".." || isReserved(name) || strings.ContainsFunc(name, refused):
		return fmt.Errorf("the name %q is not allowed for a file or directory", name)
	}
	return nil
}

// isReserved reports whether HDFS keeps a name for itself.
func isReserved(name string) bool { return name == ".snapshot" || name == ".reserved" }

// Folder is the name of a topic's folder: the topic, with %25 for each percent sign
// and %2E for the first character of a name that HDFS keeps for itself, so that no
// two topics have one folder. [Unescape] undoes it. The error says why no folder can
// have the name, or is the sink's own.
func Folder(topic string) (string, error) {
	name := strings.ReplaceAll(topic, "%", "%25")
	if isReserved(name) {
		name = "%2E" + name[1:]
	}
	if strings.HasPrefix(name, "+") {
		return "", fmt.Errorf("the name %q is not allowed: a folder that begins with + is the sink's own", topic)
	}
	return name, CheckName(name)
}

// MaxPath is the longest path of a file, in bytes: Linux takes a little more, and
// HDFS about twice as much.
const MaxPath = 4000

// CheckPath says why a directory would be too deep for files with the longest name.
func CheckPath(dir string) error {
	if n := len(dir) + 1 + MaxName; n > MaxPath {
		return fmt.Errorf("a path of up to %d bytes is longer than the %d that file systems take", n, MaxPath)
	}
	return nil
}

func refused(r rune) bool { return r < ' ' || r == '/' || r == ':' }

// NullValue is the directory value of a null, as Hive writes it.
const NullValue = "__HIVE_DEFAULT_PARTITION__"

// Escape writes a partition value so that it is one directory name, with the
// escapes Hive uses and reads. Only the empty text and null have one name, as in
// Hive.
func Escape(value string) string {
	switch value {
	case "":
		return NullValue
	case NullValue:
		return "%5F" + NullValue[1:]
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{}[]^", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Unescape undoes [Escape].
func Unescape(name string) string {
	if strings.IndexByte(name, '%') < 0 {
		return name
	}
	b := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if n, err := strconv.ParseUint(name[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 2
				continue
			}
		}
		b = append(b, name[i])
	}
	return string(b)
}

// Split returns the names and the unescaped values of a path of name=value
// directories; false when it has others.
func Split(path string) (names, values []string, ok bool) {
	for dir := range strings.SplitSeq(path, "/") {
		name, value, ok := strings.Cut(dir, "=")
		if !ok || name == "" {
			return nil, nil, false
		}
		names, values = append(names, name), append(values, Unescape(value))
	}
	return names, values, true
}
