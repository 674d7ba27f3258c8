package converters_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/suiro/suiro/transforms/converters"
)

func ExampleAvro() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "access.avsc")
	schema := `{"type":"record","name":"Access","fields":[{"name":"host","type":"string"},{"name":"status","type":"int"}]}`
	if err := os.WriteFile(file, []byte(schema), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	values, err := converters.AvroDef().Parse(map[string]string{"schema.file": file})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := converters.NewAvro(values, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	raw, err := c.FromConnect("access", nil, map[string]any{"host": "web-1", "status": int64(200)})
	fmt.Printf("%q %v\n", raw, err)
	_, value, err := c.ToConnect("access", raw)
	fmt.Println(value, err)
	// Output:
	// "\nweb-1\x90\x03" <nil>
	// map[host:web-1 status:200] <nil>
}
