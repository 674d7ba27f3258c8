package plan

import "github.com/suiro/suiro/connect/plan/internal/foreign"

// NoEffect is a key of connectors that is accepted and has no effect.
type NoEffect = foreign.NoEffect

// KeysWithoutEffect returns those that connectors of every class accept, because other parts
// of Kafka's ecosystem read them. Plugins add their own by [config.Key.NoEffect].
func KeysWithoutEffect() []NoEffect { return foreign.OfConnectors() }
