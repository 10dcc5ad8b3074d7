// Package jobs is the pipeline: it turns the files of a workspace into a lift
// report, one stage after another, and is the only package that knows all the
// others.
//
//	load       files → clean.*, each file whole or not at all
//	clean      clean.* → households, creatives, touches, units, records, conversions
//	match      conversions → households, by identity alone
//	attribute  conversions → last touch, for all windows at once
//	lift       outcomes of assigned units → sums → estimates
//	creative   creatives → counts, rates and, where randomized, lift
//	reconcile  every record to one category; checks, warnings, verdict
//	report     result.* → report.html, results.json, tables/*.csv
//
// Sums are made in SQL and estimates in Go: once a stage, only sums come out of
// the warehouse and only estimates go in. The clock, the environment and
// randomness enter through [OpenOptions].
package jobs
