// Package standalone is the herder of one process: it runs all connectors in
// this process, with their configurations in memory, as Kafka Connect's
// standalone mode does. It is also the way to embed Connect in a program:
//
//	cfg, err := plan.ParseConfig(workerProps)
//	h, err := standalone.New(cfg, plugins, nil)
//	err = h.Start(ctx)
//	info, _, err := h.Put(ctx, "access-log", connectorProps, "")
//	counts, err := h.Counts("access-log")
//	err = h.Stop(ctx)
//
// What a process that ends forgets is what was asked of it and not written to a
// file: a restart of the program starts the connectors that it is given again,
// in the states that these name.
package standalone
