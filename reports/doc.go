// Package reports turns a Report, which is plain data, into what people open:
// one self-contained HTML page, results.json with its published JSON Schema,
// CSV tables, and an index page of all reports.
//
// In: a Report, filled by package jobs from the stored results. Out: files that
// appear whole or not at all. The package reads no clock, no network and no
// database, so the same Report gives the same bytes. It imports nothing of this
// module, and it alone imports go-echarts, which it uses to build chart options
// and never to write a page: everything that reaches the page goes through
// html/template or encoding/json.
package reports
