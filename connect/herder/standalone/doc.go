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
// A restart of the program starts the connectors that it is given again, in the states
// that these name. Those that it was given later, over the REST API, it forgets, unless
// config.storage.file.filename names a file that keeps them: see [Herder.Kept].
package standalone
