package letter

import (
	"regexp"
	"strings"

	"github.com/suiro/suiro/internal/excerpt"
)

// Kind is what letters have in common whose records failed for one reason.
type Kind struct {
	// Origin, Connector, Stage and Class are those of the letters.
	Origin, Connector, Stage, Class string
	// Reason is theirs without what differs, see [Fold].
	Reason string
}

// longest is how many bytes of a folded reason tell kinds apart.
const longest = 400

// varying is what differs between reasons of one kind, as the log of rejected records has it.
var varying = regexp.MustCompile(`"[^"]*"|'[^' ]*'|[0-9]+`)

// Fold returns a reason with # for each number and "…" for each text in quotation marks, so
// that the reasons of equal faults are equal.
func Fold(reason string) string {
	return excerpt.Text(varying.ReplaceAllStringFunc(reason, func(part string) string {
		if quote := part[:1]; strings.Contains(`"'`, quote) {
			return quote + "…" + quote
		}
		return "#"
	}), longest)
}

// Kind returns the kind of a letter.
func (l *Letter) Kind() Kind {
	reason := l.Reason
	if reason == "" {
		reason = l.Exception
	}
	return Kind{Origin: l.Origin, Connector: l.Connector, Stage: l.Stage, Class: l.Class, Reason: Fold(reason)}
}
