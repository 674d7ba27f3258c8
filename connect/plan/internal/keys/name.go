package keys

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/suiro/suiro/connect/config"
)

// longestName is how many bytes a connector's name may have. It becomes part of the
// names of groups, clients and transactions, which Kafka writes with 16 bits of length.
const longestName = 1000

// nameOfConnector accepts what Kafka Connect accepts, a text without control
// characters, unless it is too long.
func nameOfConnector() config.Validator {
	what := fmt.Sprintf("non-empty, without control characters, at most %d bytes", longestName)
	return config.Func(what, func(v any) error {
		switch name, _ := v.(string); {
		case name == "":
			return errors.New("String may not be empty")
		case strings.ContainsFunc(name, unicode.IsControl):
			return errors.New("String may not contain control characters")
		case len(name) > longestName:
			return fmt.Errorf("String may have at most %d bytes, and has %d", longestName, len(name))
		}
		return nil
	})
}
