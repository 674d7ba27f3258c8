package keys

import "github.com/suiro/suiro/connect/config"

// The keys that name files.
const (
	offsetFile    = "offset.storage.file.filename"
	connectorFile = "config.storage.file.filename"
)

// CheckStorage finds what is wrong with where a worker keeps what it must remember.
func CheckStorage(worker config.Values, exactlyOnce, distributed bool) (errs config.Errors) {
	file, topic := worker.String(offsetFile), worker.String("offset.storage.topic")
	refuse := func(key, why string) { errs = append(errs, config.Errorf(key, worker.String(key), "%s", why)) }
	switch {
	case file == "" && topic == "" && !distributed:
		refuse(offsetFile, "set it, or offset.storage.topic")
	case file != "" && distributed:
		refuse(offsetFile, "distributed workers keep offsets in offset.storage.topic: leave it out")
	case file != "" && topic != "":
		refuse(offsetFile, "cannot be set together with offset.storage.topic")
	}
	switch connectors := worker.String(connectorFile); {
	case connectors != "" && distributed:
		refuse(connectorFile, "distributed workers keep connectors in config.storage.topic: leave it out")
	case connectors != "" && connectors == file:
		refuse(connectorFile, "is the file of offset.storage.file.filename: name another one")
	}
	if exactlyOnce && topic == "" && file != "" {
		refuse(offsetFile, "exactly.once.source.support=enabled keeps offsets in a topic: set offset.storage.topic instead")
	}
	if exactlyOnce && worker.String("group.id") == "" && !distributed {
		refuse("group.id", "needed by exactly.once.source.support=enabled")
	}
	return errs
}
