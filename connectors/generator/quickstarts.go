package generator

import (
	_ "embed"
	"maps"
	"slices"
)

// The schemas that come with the connector.
var (
	//go:embed quickstarts/orders.avsc
	orders []byte
	//go:embed quickstarts/pageviews.avsc
	pageviews []byte
	//go:embed quickstarts/users.avsc
	users []byte
)

// quickstart is a schema and the field whose value is the key.
type quickstart struct {
	text []byte
	key  string
}

// quickstarts are those of kafka-connect-datagen that its guides use most, with its fields and keys.
// The map never changes.
var quickstarts = map[string]quickstart{
	"orders":    {orders, "orderid"},
	"pageviews": {pageviews, "viewtime"},
	"users":     {users, "userid"},
}

func quickstartNames() []string { return slices.Sorted(maps.Keys(quickstarts)) }
