package httpserve

import "net"

// Over returns a server on a listener of the test's.
func Over(l net.Listener, o *Options) *Server {
	options := o.withDefaults()
	allowed, err := newHosts(options, "127.0.0.1:8083")
	if err != nil {
		panic(err)
	}
	return &Server{"listeners", options, allowed, origins{}, newLimitedListener(l, options)}
}
