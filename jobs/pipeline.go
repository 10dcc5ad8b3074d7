package jobs

import "context"

// stage is one step of a run. All that it writes is one transaction (load: one
// for each file). It returns how many rows it wrote.
type stage struct {
	name string
	do   func(context.Context, *run) (rows int64, err error)
}

// pipeline is the one place that knows the order of the stages.
var pipeline = []stage{
	{"load", load},
	{"clean", clean},
	{"match", match},
	{"attribute", attribute},
	{"lift", measureLift},
	{"creative", measureCreatives},
	{"reconcile", reconcile},
	{"report", publish},
}

// StageNames are the names of the stages in their order.
func StageNames() []string {
	names := make([]string, len(pipeline))
	for i, s := range pipeline {
		names[i] = s.name
	}
	return names
}
