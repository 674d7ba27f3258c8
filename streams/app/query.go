package app

import "github.com/suiro/suiro/streams/query"

// Partition is one partition of a store, as far as it is committed.
type Partition = query.Partition

// Store returns the partitions of the named store that this instance has, in order; a
// global store is whole, and so one partition. They show only committed state, so what a
// query has seen is never taken back. Other partitions are on other instances. Store may be
// called from any goroutine while the app runs, and the readers are valid for as long. The
// error says that no such store exists, or that the app is not running.
func (a *App) Store(name string) ([]Partition, error) { return a.stores.Query(name) }
