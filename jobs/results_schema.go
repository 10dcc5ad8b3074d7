package jobs

import "ghostlight/reports"

// ResultsSchema is the JSON Schema of the results.json of a report.
func ResultsSchema() []byte { return reports.Schema() }
