package jobs

import (
	"fmt"
	"slices"
	"strings"

	"ghostlight/analysis"
)

// streamLight is amber when a check of a stream failed or wants a look, and grey when none
// saw a row.
func (r *run) streamLight(checks []streamCheck) trustRow {
	light := trustRow{Name: "streams", Label: "Event streams", Status: grey, Shown: "nothing to check", Detail: "there were no records of events or orders to check"}
	count := map[string]int{}
	var worst *streamCheck
	for i, c := range checks {
		count[c.Status]++
		if worst == nil || c.Status != worst.Status && (c.Status == checkFailed || c.Status == checkLook && worst.Status != checkFailed) {
			worst = &checks[i]
		}
	}
	if len(checks) == count[checkNotSeen] {
		return light
	}
	light.Status, light.Shown, light.Detail = green, "nothing found", "no check of how events and orders come in found anything"
	if bad := count[checkFailed] + count[checkLook]; bad > 0 {
		light.Status, light.Shown = amber, fmt.Sprintf("%d failed, %d to look at", count[checkFailed], count[checkLook])
		light.Detail = r.checkText(*worst)
		if bad > 1 {
			light.Detail += "; in all " + plural(bad, "check") + " of how events and orders come in failed or want a look"
		}
	}
	return light
}

// checkText is a check and what it found in one clause.
func (r *run) checkText(c streamCheck) string {
	text := strings.ToLower(streamCheckLabels[slices.IndexFunc(streamCheckLabels, func(l checkLabel) bool { return l.name == c.Name })].label) + " of " + c.Source
	if c.Platform != "" {
		text += " (" + c.Platform + ")"
	}
	if c.EventNo != undefinedEvent {
		text += ", " + r.Workspace.EventNames()[c.EventNo-1]
	}
	return text + ": " + c.Detail
}

// maxStreamWarnings bounds how many failed checks are warned of one by one; the section of
// the report has all.
const maxStreamWarnings = 10

// streamWarnings are of the checks that failed, but the one that the light names.
func (r *run) streamWarnings(checks []streamCheck) []analysis.Warning {
	warnings := []analysis.Warning{}
	isFirst := true
	for _, c := range checks {
		switch {
		case c.Status != checkFailed:
		case isFirst:
			isFirst = false
		case len(warnings) < maxStreamWarnings:
			warnings = append(warnings, analysis.Warning{Code: "streams_" + c.Name, Severity: analysis.Caution, Text: sentence(r.checkText(c))})
		}
	}
	return warnings
}
