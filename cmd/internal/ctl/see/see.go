// Package see has the commands of suiro ctl that show something and change nothing.
package see

import (
	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/session"
)

// Commands returns them.
func Commands(s *session.Session) []*cobra.Command {
	return []*cobra.Command{newGet(s), newDescribe(s), newStatus(s), newTop(s), newTap(s)}
}
