package jobs

import "ghostlight/reports"

// Readiness is what the checks before a launch found of a study.
type Readiness = reports.Readiness

// ReadinessVersion is the schema version of readiness.json.
const ReadinessVersion = reports.ReadinessVersion

// Outcomes of a line of the checklist.
const (
	LinePassed      = reports.LinePassed
	LineFailed      = reports.LineFailed
	LineNotTestable = reports.LineNotTestable
)
