package plan

import (
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/lookup"
	"github.com/suiro/suiro/connect/plan/internal/providers"
	"github.com/suiro/suiro/connect/plan/internal/secrets"
)

// Shown returns the properties as answers and logs may show them: references as the
// operator wrote them, and [config.Hidden] in place of each secret, which are the
// values of passwords, the user information of URLs and the like.
func (c *Connector) Shown() map[string]string { return c.secrets.Show(c.Props) }

// ShownTask returns the configuration of one of the connector's tasks as answers may
// show it.
func (c *Connector) ShownTask(task map[string]string) map[string]string { return c.secrets.Show(task) }

// HideText takes the secrets of the connector and of its worker out of a text, such as
// the error of a task.
func (c *Connector) HideText(text string) string { return c.secrets.HideText(text) }

// Restore returns properties that a client sent for the connector with the secrets in
// the place of what [Connector.Shown] shows of them: a client that changes what it has
// read, and sends all of it, keeps the secrets.
func (c *Connector) Restore(sent map[string]string) map[string]string { return c.secrets.Restore(sent) }

// HideText takes the secrets of the worker's own properties out of a text.
func (w *Worker) HideText(text string) string { return w.secrets.HideText(text) }

// findSecrets returns the secrets of the connector, whose class may be unknown.
func (c *compiler) findSecrets(own connect.Info, written map[string]string, resolved *providers.Resolved) *secrets.Set {
	declared := map[string]config.Key{}
	add := func(def *config.Def, prefix string) {
		if def == nil {
			return
		}
		for _, k := range def.Keys() {
			declared[prefix+k.Name] = k
		}
	}
	add(own.Def, "")
	add(ConnectorDef(c.out.Type), "")
	for _, r := range roles {
		add(r.Def(), r.override)
	}
	for key, kind := range map[string]lookup.Kind[connect.Info]{
		"key.converter":    lookup.Infos(lookup.Converters(c.plugins)),
		"value.converter":  lookup.Infos(lookup.Converters(c.plugins)),
		"header.converter": lookup.Infos(lookup.HeaderConverters(c.plugins)),
	} {
		class, _ := c.converterProps(key)
		info, _, _ := kind.Find(class)
		add(info.Def, key+".")
	}
	for list, kind := range map[string]lookup.Kind[connect.Info]{
		"transforms": lookup.Infos(lookup.Transformations(c.plugins)),
		"predicates": lookup.Infos(lookup.Predicates(c.plugins)),
	} {
		for _, alias := range c.runtime.List(list) {
			prefix := list + "." + alias + "."
			info, _, _ := kind.Find(strings.TrimSpace(c.props[prefix+"type"]))
			add(info.Def, prefix)
		}
	}
	return secrets.New(declared, written, c.props, append(c.worker.secrets.Texts(), resolved.Secrets()...)...)
}

// findSecrets returns the secrets of the worker's properties.
func (w *Worker) findSecrets(written map[string]string) *secrets.Set {
	declared := map[string]config.Key{}
	for _, k := range keys.Worker().Keys() {
		declared[k.Name] = k
	}
	for _, r := range roles {
		for _, k := range r.Def().Keys() {
			declared[r.prefix+k.Name] = k
		}
	}
	return secrets.New(declared, written, w.props)
}

// Mask knows the secrets of a connector's properties without compiling them, so that
// those of a connector that cannot run in this worker are hidden, too.
type Mask struct{ secrets *secrets.Set }

// MaskOf finds the secrets of a connector's properties.
func MaskOf(w *Worker, plugins connect.Plugins, props map[string]string) Mask {
	resolved, _ := w.providers.Resolve(props) // what cannot be resolved is no secret of ours
	c := newCompiler(w, plugins, resolved.Props)
	own, err := c.findPlugin()
	if err != nil {
		c.out.Type = c.guessType()
	}
	c.parseRuntime()
	return Mask{c.findSecrets(own, props, resolved)}
}

// Show returns properties of the connector, or of one of its tasks, as answers may show
// them, see [Connector.Shown].
func (m Mask) Show(props map[string]string) map[string]string { return m.secrets.Show(props) }

// Restore puts the secrets in the place of what Show shows of them, see
// [Connector.Restore].
func (m Mask) Restore(sent map[string]string) map[string]string { return m.secrets.Restore(sent) }

// HideText takes the secrets out of a text.
func (m Mask) HideText(text string) string { return m.secrets.HideText(text) }
