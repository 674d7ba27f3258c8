package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/configfiles"
)

// action is what is to be done with a connector.
type action string

// The actions, in the order in which they are carried out.
const (
	remove action = "delete"
	change action = "change"
	create action = "create"
	keep   action = "keep"   // it is as its file says
	ignore action = "ignore" // no file has it
)

var order = []action{remove, change, create, keep, ignore}

// step is what is to be done with one connector and, once it is tried, what came of it.
type step struct {
	Connector string            `json:"connector"`
	File      string            `json:"file,omitempty"`
	Action    action            `json:"action"`
	Changes   []manifest.Change `json:"changes,omitempty"`
	Hidden    []string          `json:"not_compared,omitempty"` // keys of secrets that the worker does not show
	Errors    []string          `json:"errors,omitempty"`       // what the worker would refuse
	Result    string            `json:"result,omitempty"`       // done, failed or not tried
	State     string            `json:"state,omitempty"`        // of the connector at the end
	Reason    string            `json:"reason,omitempty"`       // why it has failed

	want   api.CreateConnectorRequest
	seen   map[string]string // the configuration that the cluster had
	before api.ConnectorStatus
}

// plan is what is to be done with a cluster.
type plan struct {
	Steps []*step `json:"steps"` // in the order in which they are carried out
}

// options say what a plan is to have.
type options struct{ prune, resend bool }

// makePlan compares files with a cluster.
func makePlan(ctx context.Context, cl *client.Client, wanted []configfiles.Connector, o options) (*plan, error) {
	all, err := cl.Expanded(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{}
	for _, w := range wanted {
		s := &step{Connector: w.Name, File: w.Path, Action: create, want: w.CreateConnectorRequest}
		if there, ok := all[w.Name]; ok && there.Info != nil {
			s.Action, s.seen = change, there.Info.Config
			s.before = statusOf(there)
		}
		delete(all, w.Name)
		if err := s.compare(ctx, cl, o.resend); err != nil {
			return nil, fmt.Errorf("connector %s: %w", w.Name, err)
		}
		p.Steps = append(p.Steps, s)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].Info == nil { // it is being deleted
			continue
		}
		s := &step{Connector: name, Action: ignore, seen: all[name].Info.Config}
		if o.prune {
			s.Action = remove
		}
		p.Steps = append(p.Steps, s)
	}
	slices.SortStableFunc(p.Steps, func(a, b *step) int {
		return slices.Index(order, a.Action) - slices.Index(order, b.Action)
	})
	return p, nil
}

func statusOf(c api.ExpandedConnector) api.ConnectorStatus {
	if c.Status == nil {
		return api.ConnectorStatus{}
	}
	return *c.Status
}

// compare finds out what would change, and asks the worker about it.
func (s *step) compare(ctx context.Context, cl *client.Client, resend bool) error {
	old := s.shownAs(resend)
	if s.Action == change && maps.Equal(old, s.want.Config) {
		s.Action = keep
		return nil
	}
	infos, err := cl.Validate(ctx, s.want.Config)
	var refused *client.Error
	switch {
	case errors.As(err, &refused):
		s.Errors = append(s.Errors, refused.Message)
	case err != nil:
		return err
	}
	s.Errors = append(s.Errors, errorsOf(infos)...)
	s.Changes = manifest.Diff(old, s.want.Config, infos)
	return nil
}

// shownAs is the configuration that the cluster has with the secrets of the file in it
// that the worker does not show, unless those are to be sent again.
func (s *step) shownAs(resend bool) map[string]string {
	old := maps.Clone(s.seen)
	for key, value := range s.seen {
		now, both := s.want.Config[key]
		if !both || !strings.Contains(value, config.Hidden) || now == value {
			continue
		}
		if masked := config.ShownUndeclared(key, now); value != config.Hidden && value != masked {
			continue // more than a secret is another
		}
		if s.Hidden = append(s.Hidden, key); !resend {
			old[key] = now
		}
	}
	slices.Sort(s.Hidden)
	return old
}

// errorsOf is what a validation found, a line for each error.
func errorsOf(infos api.ConfigInfos) (lines []string) {
	for _, c := range infos.Configs {
		for _, text := range c.Value.Errors {
			if !strings.Contains(text, c.Value.Name) {
				text = c.Value.Name + ": " + text
			}
			lines = append(lines, text)
		}
	}
	return lines
}

// todo reports whether there is anything to do.
func (p *plan) todo() bool {
	return slices.ContainsFunc(p.Steps, func(s *step) bool { return s.Action != keep && s.Action != ignore })
}

// err says that the worker would refuse something, or is nil.
func (p *plan) err() error {
	var names []string
	for _, s := range p.Steps {
		if len(s.Errors) > 0 {
			names = append(names, s.Connector)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("the worker would refuse %s: correct the configuration, and nothing is done until then",
		strings.Join(names, ", "))
}
