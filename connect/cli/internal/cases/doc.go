// Package cases reads the test of a connector, a YAML file beside the connector's own, and
// says which of its cases hold. The test of orders.json is orders.test.yaml:
//
//	# What the shop's orders become.
//	- name: amounts are numbers
//	  input:
//	    key: a
//	    value: {order: 1, amount: "2"}
//	  expect:
//	    value: {order: 1, amount: 2}
//
//	- name: tests are left out
//	  input:
//	    value: {order: 2, test: true}
//	  dropped: true
//
//	- name: an amount is a number
//	  input:
//	    value: {order: 3, amount: two}
//	  rejected:
//	    stage: TRANSFORMATION
//	    reason: is not an integer
//
// Where a transform makes several records of one, expect is a list of them.
//
// An input has the fields of a record of package samples. Of what is expected only the
// fields that are there are compared: topic, partition, timestamp, key, value and headers.
// Keys and values are compared as JSON, numbers by what they are worth. A reason is a part
// of the real one.
package cases
