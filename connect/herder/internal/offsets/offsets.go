// Package offsets shows and changes where connectors continue: the source offsets that a
// worker keeps for its sources, and the offsets that Kafka keeps for the consumer groups
// of sinks. Whether a connector may be changed now is for the herder to know.
package offsets

import (
	"context"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// Offsets are those of the connectors of a worker that has been started. They are safe
// for concurrent use.
type Offsets struct{ worker *worker.Worker }

// New returns the offsets of a worker's connectors.
func New(w *worker.Worker) *Offsets { return &Offsets{w} }

// keeper has the offsets of one connector.
type keeper interface {
	list(ctx context.Context) ([]api.ConnectorOffset, error)
	// alter changes some; told says that the connector has taken them itself.
	alter(ctx context.Context, changes []api.ConnectorOffset) (told bool, err error)
	// reset forgets all.
	reset(ctx context.Context) (told bool, err error)
}

func (o *Offsets) keeper(p *plan.Connector) keeper {
	if p.Type == plan.Source {
		return &source{plan: p, open: o.worker.OpenOffsets}
	}
	return &sink{plan: p, open: o.worker.GroupAdmin}
}

// List returns the offsets of a connector, in a stable order.
func (o *Offsets) List(ctx context.Context, p *plan.Connector) (api.ConnectorOffsets, error) {
	list, err := o.keeper(p).list(ctx)
	if list == nil {
		list = []api.ConnectorOffset{}
	}
	return api.ConnectorOffsets{Offsets: list}, err
}

// Alter changes some offsets of a connector of which nothing runs. An error that is
// [herder.ErrInvalid] means that nothing has changed.
func (o *Offsets) Alter(ctx context.Context, p *plan.Connector, changes []api.ConnectorOffset) (api.Message, error) {
	if err := Check(changes); err != nil {
		return api.Message{}, err
	}
	told, err := o.keeper(p).alter(ctx, changes)
	return done("altered", told), err
}

// Reset forgets all offsets of a connector of which nothing runs.
func (o *Offsets) Reset(ctx context.Context, p *plan.Connector) (api.Message, error) {
	told, err := o.keeper(p).reset(ctx)
	return done("reset", told), err
}

// Replace forgets all offsets of a connector but those that it is given.
func (o *Offsets) Replace(ctx context.Context, p *plan.Connector, initial []api.ConnectorOffset) (api.Message, error) {
	if err := Check(initial); err != nil {
		return api.Message{}, err
	}
	k := o.keeper(p)
	old, err := k.list(ctx)
	if err != nil {
		return api.Message{}, err
	}
	for i := range old {
		old[i].Offset = nil
	}
	told, err := k.alter(ctx, slices.Concat(old, initial)) // of two with the same partition the last one holds
	return done("altered", told), err
}

// Check finds requests that change nothing.
func Check(changes []api.ConnectorOffset) error {
	if len(changes) == 0 {
		return herder.Errorf(herder.ErrInvalid, "Partitions / offsets need to be provided for an alter offsets request")
	}
	return nil
}

// NotStopped is the error for a connector whose offsets cannot be changed now.
func NotStopped(name string) error {
	return herder.Errorf(herder.ErrInvalid, "Connectors must be in the STOPPED state before their offsets can be "+
		"modified. This can be done for the specified connector by issuing a 'PUT' request to the "+
		"'/connectors/%s/stop' endpoint", name)
}

// Busy is the error for a connector that was stopped and of which something still runs.
// What was asked for is "alter" or "reset".
func Busy(what string, p *plan.Connector) error {
	kept := "offsets"
	if p.Type == plan.Sink {
		kept = "consumer group offsets"
	}
	return herder.Errorf(nil, "Failed to %s %s for connector %s either because its tasks haven't stopped completely yet "+
		"or the connector was resumed before the request to %[1]s its offsets could be successfully completed. If the "+
		"connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the "+
		"Connect cluster may need to be restarted to get rid of the zombie %[4]s tasks.", what, kept, p.Name, p.Type)
}

// done is the answer for what was done; told says that the connector knows.
func done(what string, told bool) api.Message {
	if told {
		return api.Message{Message: "The offsets for this connector have been " + what + " successfully"}
	}
	return api.Message{Message: "The Connect framework-managed offsets for this connector have been " + what +
		" successfully. However, if this connector manages offsets externally, they will need to be manually " + what +
		" in the system that the connector uses."}
}

// refused is the error of a connector that was asked whether it takes offsets.
func refused(p *plan.Connector, err error) error {
	if err == nil || connect.IsRetriable(err) {
		return err
	}
	return herder.Errorf(herder.ErrInvalid, "%s", p.HideText(err.Error()))
}
