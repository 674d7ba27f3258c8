// Package client is a client of Kafka Connect's REST API: of a Suiro worker, and of a
// Java worker of version 2.4 or newer as far as it has the path.
//
//	c, err := client.New([]string{"http://127.0.0.1:8083"}, nil)
//	…
//	_, created, err := c.Put(ctx, "orders", map[string]string{"connector.class": "FileStreamSource", …})
//	…
//	status, err := c.Status(ctx, "orders")
//	if errors.Is(err, client.ErrNotFound) { … }
//
// A method is one request of the API, and its answer is one of the bodies of package
// api. What the worker refuses is an [Error] with the worker's own message; errors.Is
// compares it with [ErrNotFound], [ErrInvalid] and the others.
//
// # Retries
//
// A worker answers 409 while its group rebalances, and 503, or a page of HTML with 404,
// while it starts. Nothing has happened then, so the request is sent again until
// [Options.RetryFor] is over. A connector that exists already is 409 as well, and is
// not tried again. When a cluster has several addresses, one that cannot be reached
// makes room for the next; a request that may have arrived is sent again only when
// doing it twice is the same as doing it once.
package client
