package task

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// panicked returns the error of a panic in a node, with the stack from the place
// that panicked: whoever ends because of it has nothing else to go by. The value is
// wrapped if it is an error. It is called by the function that recovered.
func panicked(value any) error {
	stack := string(debug.Stack())
	// Above the frame of panic itself are those of the recovery.
	if _, below, found := strings.Cut(stack, "\npanic("); found {
		_, below, _ = strings.Cut(below, "\n") // its arguments
		_, below, _ = strings.Cut(below, "\n") // its file
		stack = below
	}
	if err, ok := value.(error); ok {
		return fmt.Errorf("panic: %w\n%s", err, stack)
	}
	return fmt.Errorf("panic: %v\n%s", value, stack)
}
