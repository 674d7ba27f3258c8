package lint

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
)

// connector is one that rules look at. Nothing is wrong with its file.
type connector struct {
	*check.Report
	keys []config.Key // with their defaults
}

func newConnector(plugins connect.Plugins, r *check.Report) *connector {
	_, keys, _ := plan.FindPlugin(plugins, r.Plan.Class) // it was found before
	return &connector{r, keys}
}

// value is the value of a key or its default, as text.
func (c *connector) value(key string) string {
	if text, ok := c.Config[key]; ok {
		return strings.TrimSpace(text)
	}
	i := slices.IndexFunc(c.keys, func(k config.Key) bool { return k.Name == key })
	if i < 0 {
		return ""
	}
	text, _ := c.keys[i].DefaultText()
	return text
}

// refers reports whether the value of a key is, or has in it, what a config provider
// replaces.
func (c *connector) refers(key string) bool { return check.IsReference(c.Config[key]) }

// before are the connectors before this one, so that two of them are compared once.
func (c *connector) before(all []*connector) []*connector { return all[:slices.Index(all, c)] }

// routes reports whether a transform may give records another topic.
func (c *connector) routes() bool {
	return slices.ContainsFunc(c.Plan.Chain, func(s plan.Step) bool { return strings.Contains(s.Class, "Router") })
}

// sharesTopic reports whether two connectors of one type certainly have a topic in common.
// Patterns may have one with anything, which is not certain.
func (c *connector) sharesTopic(other *connector) bool {
	if c.Plan.Type != other.Plan.Type {
		return false
	}
	mine, theirs := c.Plan.Subscription, other.Plan.Subscription
	if mine == nil || theirs == nil {
		return true // the destination of a source has the topic in it
	}
	if mine.Pattern != nil && theirs.Pattern != nil {
		return mine.Pattern.String() == theirs.Pattern.String()
	}
	matches := func(a, b *plan.Subscription) bool {
		return a.Pattern != nil && slices.ContainsFunc(b.Topics, a.Pattern.MatchString)
	}
	return matches(mine, theirs) || matches(theirs, mine) ||
		slices.ContainsFunc(mine.Topics, func(t string) bool { return slices.Contains(theirs.Topics, t) })
}
