package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/suiro/suiro/connect/client"
)

// A program that looks after one connector: it makes it, and says what it does.
func Example() {
	worker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path { // what a worker answers
		case "PUT /connectors/orders/config":
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"name":"orders","config":{},"tasks":[],"type":"source"}`)
		case "GET /connectors/orders/status":
			fmt.Fprint(w, `{"name":"orders","connector":{"state":"RUNNING","worker_id":"a:8083"},"tasks":[],"type":"source"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":404,"message":"Connector nosuch not found"}`)
		}
	}))
	defer worker.Close()

	ctx := context.Background()
	c, err := client.New([]string{worker.URL}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_, created, err := c.Put(ctx, "orders", map[string]string{
		"connector.class": "FileStreamSource", "file": "orders.jsonl", "topic": "orders"})
	fmt.Println(created, err)
	status, err := c.Status(ctx, "orders")
	fmt.Println(status.Connector.State, err)
	_, err = c.Connector(ctx, "nosuch")
	fmt.Println(errors.Is(err, client.ErrNotFound), err)
	// Output:
	// true <nil>
	// RUNNING <nil>
	// true GET /connectors/nosuch: Connector nosuch not found (HTTP status 404)
}
