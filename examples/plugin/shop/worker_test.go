package shop

import (
	"testing"

	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// All plugins together: orders go from the shop to Kafka as CSV without their
// customers' addresses, except for those of item "cup", and from there to the store.
func TestOrdersGoFromTheShopToTheStore(t *testing.T) {
	shop := newShop(t, []string{`{"id":1,"item":"tea","email":"ada@example.com"}`,
		`{"id":2,"item":"cup","email":"bob@example.com"}`})
	store := newStore(t)
	w := workertest.New(t, Plugins(), map[string]string{
		"value.converter": "example.CsvConverter", "value.converter.columns": "id,item,email",
		"header.converter": "example.HexHeaderConverter"})
	w.CreateTopic("orders", 1)
	w.Start(map[string]string{"name": "shop", "connector.class": "example.ShopSource", "shop.url": shop.URL,
		"topic": "orders", "transforms": "mask", "transforms.mask.type": "example.Mask", "transforms.mask.fields": "email",
		"transforms.mask.predicate": "cup", "transforms.mask.negate": "true",
		"predicates": "cup", "predicates.cup.type": "example.FieldEquals", "predicates.cup.field": "item",
		"predicates.cup.text": "cup"})
	w.Start(map[string]string{"name": "store", "connector.class": "example.StoreSink", "store.url": store.URL,
		"topics": "orders"})

	got := workertest.Values(w.Consume("orders", 2))
	if want := []string{"1,tea,***", "2,cup,bob@example.com"}; got[0] != want[0] || got[1] != want[1] {
		t.Errorf("orders in Kafka = %q, want %q", got, want)
	}
	w.AwaitCommitted("store", "orders")
	if got, want := store.value("/orders-0-0"), `{"email":"***","id":"1","item":"tea"}`; got != want {
		t.Errorf("order in the store = %s, want %s", got, want)
	}
}
