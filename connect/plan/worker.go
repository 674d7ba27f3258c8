package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/connect/plan/internal/https"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/overrides"
	"github.com/suiro/suiro/connect/plan/internal/providers"
	"github.com/suiro/suiro/connect/plan/internal/secrets"
	"github.com/suiro/suiro/internal/memory"
)

// Worker is a worker's configuration, parsed and checked.
type Worker struct {
	// Distributed is what a distributed worker has beyond a standalone one, nil for
	// a standalone worker.
	Distributed *Distributed
	// GroupID names the worker's group; "" for a standalone worker, unless exactly-once
	// sources need it.
	GroupID string `config:"group.id"`
	// FlushInterval is the time between two commits of offsets.
	FlushInterval time.Duration `config:"offset.flush.interval.ms"`
	// FlushTimeout bounds one commit of offsets.
	FlushTimeout time.Duration `config:"offset.flush.timeout.ms"`
	// GracefulTimeout is how long a stopping task may take.
	GracefulTimeout time.Duration `config:"task.shutdown.graceful.timeout.ms"`
	// OffsetFile keeps source offsets; "" when OffsetTopic does.
	OffsetFile string `config:"offset.storage.file.filename"`
	// ConnectorFile keeps the connectors that a standalone worker was given over its REST
	// API; "" when nothing does.
	ConnectorFile string `config:"config.storage.file.filename"`
	// OffsetTopic keeps source offsets; "" when OffsetFile does.
	OffsetTopic string `config:"offset.storage.topic"`
	// OffsetPartitions is the number of partitions that OffsetTopic is created
	// with.
	OffsetPartitions int `config:"offset.storage.partitions"`
	// OffsetReplication is the number of replicas that OffsetTopic is created
	// with; -1 is the broker's default.
	OffsetReplication int `config:"offset.storage.replication.factor"`
	// OffsetSettings are the settings that OffsetTopic is created with; of a distributed
	// worker alone.
	OffsetSettings map[string]string
	// TopicCreation allows source connectors to create topics.
	TopicCreation bool `config:"topic.creation.enable"`
	// TopicTracking shows which topics a connector uses.
	TopicTracking bool `config:"topic.tracking.enable"`
	// TopicReset lets clients reset them.
	TopicReset bool `config:"topic.tracking.allow.reset"`
	// Listeners are the addresses of the REST API.
	Listeners []string `config:"listeners"`
	// AdminListeners are the addresses of what the REST API has below /admin. When
	// AdminApart is false it is at Listeners.
	AdminListeners []string `config:"admin.listeners"`
	AdminApart     bool
	// AllowedOrigins are sites whose pages may use the REST API, and AllowedMethods
	// the methods that they may use.
	AllowedOrigins []string `config:"access.control.allow.origin"`
	AllowedMethods []string `config:"access.control.allow.methods"`
	// ResponseHeaders are headers of every answer, as they are written in the file.
	ResponseHeaders string `config:"response.http.headers.config"`
	// AllowedHosts are names that requests may name as their host, besides those that
	// follow from Listeners and AdvertisedHost.
	AllowedHosts []string `config:"rest.allowed.hosts"`
	// Tap allows admins to see records on their way, and TapMask are patterns of the names
	// of fields that they do not see.
	Tap     bool     `config:"rest.tap.enable"`
	TapMask []string `config:"rest.tap.mask.fields"`
	// AdvertisedHost and AdvertisedPort are where others reach the REST API; "" and
	// 0 are what Listeners say.
	AdvertisedHost string `config:"rest.advertised.host.name"`
	AdvertisedPort int    `config:"rest.advertised.port"`
	// AdvertisedScheme is http or https, whichever others reach the REST API by.
	AdvertisedScheme string
	// HTTPS is how the REST API is encrypted.
	HTTPS https.HTTPS
	// Lock says who may call the REST API; nil lets everyone in.
	Lock *access.Lock
	// ExactlyOnce writes source records and their offsets in one transaction.
	ExactlyOnce bool
	// Admin configures the client that the worker asks about the cluster with.
	Admin Client
	// Producer configures the client that writes to OffsetTopic.
	Producer Client
	// Memory is the budget of the process, of memory.max.bytes. Whoever runs the worker
	// calls its LimitRuntime first.
	Memory *memory.Budget
	// Warnings are about keys that have no effect here, a sentence each.
	Warnings []string

	values    config.Values
	props     map[string]string // without references
	overrides overrides.Policy
	providers *providers.Set
	resolved  *providers.Resolved
	secrets   *secrets.Set
}

// ParseConfig parses and checks a standalone worker's properties. References such as
// ${file:/path:key} are resolved by the config providers that the properties name.
// The error is a [config.Errors] of everything that is wrong.
func ParseConfig(props map[string]string) (*Worker, error) { return parseWorker(props, false) }

func parseWorker(props map[string]string, distributed bool) (*Worker, error) {
	written, _ := keys.Worker().Parse(props) // for the list of providers alone
	set, unmade := providers.New(written.List(providers.Key), props)
	resolved, unresolved := set.Resolve(props)
	values, err := keys.Worker().Parse(resolved.Props)
	w := &Worker{values: values, props: resolved.Props, overrides: overrides.New(values), providers: set,
		resolved: resolved}
	w.secrets = w.findSecrets(props)
	found := &findings{errs: append(asErrors(err), w.secrets.Shown()...)}
	values.Decode(w)
	_, w.AdminApart = w.props["admin.listeners"]
	if distributed {
		readDistributed(w, found)
	} else {
		warnDistributed(w, found)
	}
	w.checkUnknown(found)
	w.Memory = memory.Limit(values.Long(memory.MaxBytes))
	w.ExactlyOnce = strings.EqualFold(values.String("exactly.once.source.support"), keys.ExactlyOnceEnabled)
	found.refuse(w.makeClients()...)
	found.refuse(keys.CheckStorage(values, w.ExactlyOnce, distributed)...)
	w.Lock, err = access.New(values)
	found.refuse(append(asErrors(err), w.Lock.Unlocked(values)...)...)
	w.HTTPS, w.AdvertisedScheme, err = https.Of{Props: w.props, Values: values, Distributed: distributed}.Read()
	found.refuse(asErrors(err)...)
	errs := w.secrets.HideErrors(slices.Concat(resolved.Hide(distinct(found.errs)), unmade, unresolved))
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	w.Warnings = found.warnings
	return w, nil
}

// checkUnknown finds keys that nobody declares, and those that have no effect.
func (w *Worker) checkUnknown(found *findings) {
	found.warn(w.values.Warnings("")...)
	prefixes := []string{"key.converter.", "value.converter.", "header.converter.", providers.Key + ".",
		"config.storage.", "status.storage.", keys.HTTPS, keys.AdminHTTPS}
	if w.Distributed != nil {
		prefixes = append(prefixes, "offset.storage.")
	}
	for _, r := range roles {
		prefixes = append(prefixes, r.prefix)
	}
	found.unknown(keys.Worker().UnknownErrors(w.props, prefixes...), "", keys.Worker().Names(), workerKeyBelongs,
		foreign.ToWorkers, foreign.ToClients)
	for _, prefix := range []string{keys.HTTPS, keys.AdminHTTPS} {
		found.unknown(below.Undeclared(w.props, prefix, https.Def()), prefix, https.Def().Names(), nil, foreign.ToClients)
	}
	for _, r := range roles {
		// admin.listeners is a key of workers whole, and has the prefix of a client.
		unknown := below.Undeclared(w.props, r.prefix, r.Def())
		unknown = slices.DeleteFunc(unknown, func(e config.KeyError) bool {
			return slices.Contains(keys.Worker().Names(), e.Key) || strings.HasPrefix(e.Key, keys.AdminHTTPS)
		})
		whole, unknown := foreign.Accept(unknown, "", nil, foreign.ToWorkers)
		found.warn(whole...)
		found.unknown(unknown, r.prefix, r.Def().Names(), workerKeyBelongs, foreign.ToClients)
	}
}

// makeClients checks the client of every role, so that no connector finds out
// what is wrong with the worker.
func (w *Worker) makeClients() config.Errors {
	var errs config.Errors
	for _, r := range []role{producerRole, consumerRole, adminRole} {
		client, own := newClient(r, w.props, nil, w.Memory)
		for i := range own {
			if key := r.prefix + own[i].Key; w.props[key] != "" {
				own[i].Key = key
			}
		}
		errs = append(errs, own...)
		switch r {
		case producerRole:
			w.Producer = client
		case adminRole:
			w.Admin = client
		}
	}
	return errs
}
