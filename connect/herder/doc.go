// Package herder decides which connectors run. [Standalone] runs all of them in
// this process, with their configurations in memory, as Kafka Connect's
// standalone mode does. It is also the way to embed Connect in a program:
//
//	h, err := herder.NewStandalone(workerProps, plugins, nil)
//	err = h.Start(ctx)
//	info, _, err := h.Put(ctx, "access-log", connectorProps)
//	counts, err := h.Counts("access-log")
//	err = h.Stop(ctx)
package herder
