package topology_test

import (
	"fmt"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

func ExampleTopology_String() {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "logs", Topic: "access"})
	g.AddProcessor(topology.Processor{Name: "count", Stores: []topology.Store{{Spec: kinds.Spec{Name: "counts"}}}}, "logs")
	g.AddSink(topology.Sink{Name: "write", Topic: "counts"}, "count")
	t, err := g.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(t)
	// Output:
	// Topologies:
	//    Sub-topology: 0
	//     Source: logs (topics: [access])
	//       --> count
	//     Processor: count (stores: [counts])
	//       --> write
	//       <-- logs
	//     Sink: write (topic: counts)
	//       <-- count
}
