package group

import "github.com/suiro/suiro/connect/group/internal/wire"

// Address returns where the REST API of a worker is, from what Kafka keeps of it as a
// member of its group: the metadata of the member, as a description of the group has it.
func Address(metadata []byte) (url string, err error) {
	m, err := wire.DecodeMetadata(metadata)
	return m.URL, err
}
