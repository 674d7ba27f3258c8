package foreign

// NoEffect is a key of connectors that is accepted and has no effect.
type NoEffect struct {
	// Key is the key; one that ends with a full stop stands for all keys that begin with
	// it and that nobody declares.
	Key string
	// Why is the reason, as the rest of the sentence that the key has no effect.
	Why string
}

// OfConnectors returns the keys of connectors that the lists have, those of clients and
// converters once for each of their prefixes. Keys of transforms and predicates, whose
// prefixes have an alias, are not among them.
func OfConnectors() (all []NoEffect) {
	add := func(prefix string, lists ...[]Keys) {
		for _, list := range lists {
			for _, of := range list {
				for _, key := range of.keys {
					all = append(all, NoEffect{prefix + key, of.why})
				}
			}
		}
	}
	add("", ToConnectors)
	for _, prefix := range []string{"producer.override.", "consumer.override.", "admin.override."} {
		add(prefix, ToClients)
	}
	for _, prefix := range []string{"key.converter.", "value.converter.", "header.converter."} {
		add(prefix, ToConverters, ToPlugins)
	}
	return all
}
