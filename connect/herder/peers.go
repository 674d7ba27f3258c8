package herder

import "context"

// Peers are the part of a [Herder] of a cluster that answers the other workers: what a
// worker that is not the leader asks of the leader. A herder without it, or one that is
// alone, refuses such requests. Errors are [ErrInvalid] for an algorithm that the worker
// does not take, [ErrForbidden] for a signature that is not right, [ErrStarting] when no
// session key is known yet, and [NotLeaderError].
type Peers interface {
	// PutTasks makes configs, one for each task and in their order, the tasks of a
	// connector.
	PutTasks(ctx context.Context, connector string, configs []map[string]string, s Signature) error
	// Fence ends the transactions of all tasks that a source connector had before, so
	// that new ones can start.
	Fence(ctx context.Context, connector string, s Signature) error
}

// Signature is what shows that a worker of the cluster has sent a request.
type Signature struct {
	// Algorithm is the name of a MAC in Java, such as HmacSHA256.
	Algorithm string
	// MAC is made of Body with the session key of the cluster.
	MAC []byte
	// Body is the body of the request, byte for byte.
	Body []byte
}
