// Package transformcases asks transforms and predicates: tables of odd records
// and configurations, and random ones.
package transformcases

import "github.com/suiro/suiro/scripts/oracle/internal/cases"

const (
	transformPackage = "org.apache.kafka.connect.transforms."
	predicatePackage = transformPackage + "predicates."
	nullKey          = "replace.null.with.default"
)

// gen makes the cases of this package.
type gen struct{ *cases.Gen }

// Tables makes the cases that are the same in each run.
func Tables(of *cases.Gen) {
	g := &gen{of}
	g.regexTables()
	g.replaceTables()
	g.insertTables()
	g.timestampTables()
	g.filterTables()
	g.otherTransformTables()
}

// Random makes the random cases.
func Random(of *cases.Gen) {
	g := &gen{of}
	g.randomTransforms()
	g.randomOtherTransforms()
}
