// Package admin has the commands of suiro ctl that are about workers and about the
// person's own contexts.
package admin

import (
	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/session"
)

// Commands returns them.
func Commands(s *session.Session) []*cobra.Command {
	return []*cobra.Command{newSet(s), newHealth(s), newInfo(s), newConfig(s)}
}
