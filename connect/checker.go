package connect

import (
	"context"

	"github.com/suiro/suiro/connect/config"
)

// Checker is a connector that can ask its outside system whether its tasks could work
// there, for an operator who wants to know that before they run. Whoever asks finds out by
// a type assertion.
type Checker interface {
	// Check is called on a connector that was not started; v is its configuration. It
	// asks, changes nothing in the outside system, and returns when ctx is done. found
	// says what has answered, such as "Elasticsearch 8.17.0 at http://es:9200". An error
	// says what would keep the tasks from working, and what to do about it.
	Check(ctx context.Context, v config.Values) (found string, err error)
}

// ConverterChecker is a [Converter] that can ask the system that it needs, such as a
// schema registry, whether that lets it in. Whoever asks finds out by a type assertion.
type ConverterChecker interface {
	// Check does what [Checker] says, with what the converter was made with. found is ""
	// for a converter that needs no other system.
	Check(ctx context.Context) (found string, err error)
}
