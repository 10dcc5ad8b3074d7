package jobs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ghostlight/reports"
)

// TestIntegrity: of each scenario of fixtures/integrity the planted fault is found, with its
// days and counts, and nothing else is.
func TestIntegrity(t *testing.T) { runScenarios(t, "../fixtures/integrity", shownChecks) }

// shownChecks lists what the checks of a report found, as the scenarios write it.
func shownChecks(r reports.Report) string {
	var b strings.Builder
	name := func(s reports.StreamName) string {
		return strings.TrimSpace(s.Source + " " + s.Platform + " " + s.Event)
	}
	counts := map[string]int{}
	for _, c := range r.Integrity.Checks {
		counts[c.Status]++
		if c.Status == "ok" {
			continue
		}
		fmt.Fprintf(&b, "%s %s %s: %s, %d of %d\n", name(c.StreamName), c.Name, c.Subject, c.Status, c.Found, c.Records)
		fmt.Fprintf(&b, "  %s\n", c.Detail)
	}
	for _, s := range r.Integrity.Silences {
		fmt.Fprintf(&b, "silence of %s: %s, %s to %s\n", name(s.StreamName), s.Kind, s.From.Format("01-02 15:04"), s.Until.Format("01-02 15:04"))
	}
	for _, s := range r.Integrity.Steps {
		fmt.Fprintf(&b, "step of %s, %s: %s, %d of %d before, %d of %d after\n", name(s.StreamName), s.Subject, s.Day, s.BeforeWith, s.BeforeRecords, s.AfterWith, s.AfterRecords)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "change log %s: %s, %s -> %s\n", c.At.Format("01-02 15:04"), c.What, c.Old, c.New)
	}
	for _, x := range r.Integrity.Ranges {
		for i, p := range x.Samples {
			if i < 2 {
				fmt.Fprintf(&b, "outside the range: %s line %d\n", p.Path, p.Line)
			}
		}
	}
	for _, x := range r.Integrity.Tests {
		fmt.Fprintf(&b, "tests of %s: %d, %s to %s\n", name(x.StreamName), x.Records, x.First.Format("01-02 15:04"), x.Last.Format("01-02 15:04"))
	}
	for _, light := range r.Trust {
		if light.Name == "streams" {
			fmt.Fprintf(&b, "%s: %s; %d ok\n", light.Status, light.Value, counts["ok"])
		}
	}
	return b.String()
}

// writeTraffic writes the files that the lines of a scenario's traffic describe.
func writeTraffic(t *testing.T, dir string, traffic []byte) {
	t.Helper()
	columns := []string{"event_id", "event", "at", "order", "value", "currency", "test", "email", "version"}
	files := map[string]*bytes.Buffer{}
	n := 0
	for line := range strings.Lines(string(traffic)) {
		words := strings.Fields(line)
		path, event := words[0], words[1]
		from, err1 := time.Parse(time.DateOnly, words[2])
		until, err2 := time.Parse(time.DateOnly, words[3])
		var perDay, first, last int
		_, err3 := fmt.Sscanf(strings.Join(words[4:8], " "), "%d a day %d-%d", &perDay, &first, &last)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("traffic %q: %v, %v, %v", line, err1, err2, err3)
		}
		if files[path] == nil {
			files[path] = bytes.NewBufferString(strings.Join(columns, ",") + "\n")
		}
		for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
			for i := range perDay {
				n++
				at := day.Add(time.Duration(first)*time.Hour + time.Duration(last-first)*time.Hour*time.Duration(i)/time.Duration(perDay))
				row := map[string]string{"event_id": fmt.Sprintf("e%d", n), "order": fmt.Sprintf("o%d", n), "event": event, "at": at.Format(time.RFC3339)}
				for _, word := range words[8:] {
					column, value, _ := strings.Cut(word, "=")
					row[column] = value
				}
				cells := make([]string, len(columns))
				for i, c := range columns {
					cells[i] = row[c]
				}
				files[path].WriteString(strings.Join(cells, ",") + "\n")
			}
		}
	}
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(dir, path), text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
