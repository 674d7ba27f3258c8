package node

// Or returns the handler of a node, or one that fails with the error of making the node.
func Or[K, V any](err error, process Handler[K, V]) Handler[K, V] {
	if err != nil {
		return func(*Record[K, V]) error { return err }
	}
	return process
}
