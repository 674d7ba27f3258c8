package spans

import (
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/join"
)

// Join returns the windows of a join of streams: how far a record looks before and after it, and
// how late it may come.
func Join(before, after, grace time.Duration) (join.Windows, error) {
	whole := func(d time.Duration) bool { return d%time.Millisecond == 0 }
	var err error
	switch {
	case grace < 0:
		err = fmt.Errorf("the grace of a join is %v: it cannot be negative", grace)
	case before+after < 0:
		err = fmt.Errorf("the window of a join is from %v before to %v after a record: it ends before it begins",
			before, after)
	case before+after+grace == 0:
		err = errors.New("the window of a join has no length and no grace, so that nothing would join: give it a grace")
	case !whole(before) || !whole(after) || !whole(grace):
		err = fmt.Errorf("the window of a join is from %v before to %v after a record, with a grace of %v: "+
			"timestamps have whole milliseconds only", before, after, grace)
	}
	return join.Windows{Before: before.Milliseconds(), After: after.Milliseconds(), Grace: grace.Milliseconds()}, err
}
