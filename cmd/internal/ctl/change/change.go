// Package change has the commands of suiro ctl that change connectors, and the one that
// waits until they have.
package change

import (
	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/session"
)

// Commands returns them.
func Commands(s *session.Session) []*cobra.Command {
	return []*cobra.Command{newApply(s), newCreate(s), newValidate(s), newPatch(s), newDelete(s), newPause(s),
		newResume(s), newStop(s), newRestart(s), newAlter(s), newReset(s), newWait(s)}
}
