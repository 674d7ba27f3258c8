// Package app runs the topologies that package streams builds: [New] checks a topology
// and its properties, [App.Run] joins the group and processes records until it is told to
// stop.
//
// While it runs, [App.AddThread] and [App.RemoveThread] change the number of its threads, and
// [App.Pause] and [App.Resume] make it wait. [Options] have the handlers of what fails.
//
// [App.State] says what an app is doing, [App.Store] reads its stores, and [App.Handler]
// answers /health, /ready, /metrics and /topology. [Config] lists the properties and
// [Metrics] the metrics. Package cli makes a program of a topology, with all keys as flags.
package app
