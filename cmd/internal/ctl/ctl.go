// Package ctl is the command suiro ctl: a client of any cluster of Kafka Connect, with
// the verbs of kubectl and kcctl. The folders hold the commands; what they share is in package session.
package ctl

import (
	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/admin"
	"github.com/suiro/suiro/cmd/internal/ctl/change"
	"github.com/suiro/suiro/cmd/internal/ctl/see"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
)

// The groups of commands in the help.
const (
	groupSee    = "see"
	groupChange = "change"
	groupWorker = "worker"
)

// New returns the command.
func New() *cobra.Command {
	s := &session.Session{}
	c := &cobra.Command{
		Use:     "ctl",
		Short:   "Steer a Connect cluster, of Suiro or of Java workers, over its REST API",
		GroupID: "connect", // a group of the root
		Long: "Steer a Connect cluster, of Suiro or of Java workers, over its REST API.\n\n" +
			"The cluster is that of --url, or of the context that config set-context has made, or " + session.DefaultURL + ". " +
			"A request that comes during a rebalance is sent again until it is answered.",
		Example: `
suiro ctl config set-context prod --url https://connect-1:8083,https://connect-2:8083
suiro ctl get connectors
suiro ctl apply -f orders.json --dry-run
suiro ctl top`,
		SuggestFor: []string{"kcctl", "client", "admin"},
	}
	s.Define(c)
	c.AddGroup(&cobra.Group{ID: groupSee, Title: "What there is"}, &cobra.Group{ID: groupChange, Title: "Connectors"},
		&cobra.Group{ID: groupWorker, Title: "Workers and contexts"})
	for group, commands := range map[string][]*cobra.Command{
		groupSee: see.Commands(s), groupChange: change.Commands(s), groupWorker: admin.Commands(s)} {
		for _, each := range commands {
			each.GroupID = group
			c.AddCommand(each)
		}
	}
	return c
}
