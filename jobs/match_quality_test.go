package jobs

import (
	"fmt"
	"strings"
	"testing"

	"ghostlight/analysis/lift"
	"ghostlight/analysis/simulate"
	"ghostlight/reports"
)

// TestMatchQuality runs each scenario of fixtures/match_quality: what its files plant of
// identifiers is counted, and what was lost or is shared by too many is warned of.
func TestMatchQuality(t *testing.T) {
	runScenarios(t, "../fixtures/match_quality", shownMatchQuality)
}

// TestCoverage runs each scenario of fixtures/coverage.
func TestCoverage(t *testing.T) { runScenarios(t, "../fixtures/coverage", shownCoverage) }

// shownMatchQuality lists the identifiers of a report as the scenarios write them.
func shownMatchQuality(r reports.Report) string {
	var b strings.Builder
	known := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprint(*n)
	}
	for _, m := range r.MatchQuality {
		fmt.Fprintf(&b, "%s (%s) | %s: %d of %d join, %.4f to %.4f\n", m.Surface, m.Platform, m.Event, m.Index.Joined, m.Index.Records, m.Index.Lo, m.Index.Hi)
		for _, id := range m.Identifiers {
			if id.Carrying == 0 && (id.Unusable == nil || *id.Unusable == 0) {
				continue
			}
			fmt.Fprintf(&b, "  %s: carried by %d, %d values, most %d, crm %s, graph %s, well formed %s, not %s\n", id.Name, id.Carrying, id.Distinct, id.MostRecords,
				known(id.InCRM), known(id.InGraph), known(id.Usable), known(id.Unusable))
			for _, d := range id.Drops {
				fmt.Fprintf(&b, "    %s fell on %s to %d of %d from %d of %d, lasts %v\n", d.What, d.Day, d.Found, d.Records, d.BeforeFound, d.BeforeRecords, d.Lasts)
			}
		}
	}
	for _, w := range r.Warnings {
		if strings.HasPrefix(w.Code, "identifier_") {
			fmt.Fprintf(&b, "%s: %s\n", w.Code, w.Text)
		}
	}
	return b.String()
}

// shownCoverage lists what a report says of coverage as the scenarios write it.
func shownCoverage(r reports.Report) string {
	var b strings.Builder
	for _, l := range r.Coverage.Lists {
		fmt.Fprintf(&b, "%s (%s) | %s: %d records, event id %d, order id %d, either %d; %d conversions, in pixel %d, server %d, app %d, crm %d\n", l.Surface, l.Platform, l.Event,
			l.Records, l.WithEventID, l.WithOrderID, l.WithEither, l.Conversions, l.InPixel, l.InServer, l.InApp, l.InCRM)
	}
	for _, d := range r.Coverage.Recovery {
		fmt.Fprintf(&b, "%s on %q, %q: pixel %d, with server %d, server only %d, in crm %d\n", d.Event, d.Device, d.Browser, d.Pixel, d.PixelAndServer, d.ServerOnly, d.ServerOnlyInCRM)
	}
	for _, d := range r.Coverage.Costs {
		fmt.Fprintf(&b, "%s in the period: %d records, %d conversions", d.Event, d.Records, d.Conversions)
		if d.SpendMicros != nil {
			fmt.Fprintf(&b, ", one at %s before and %s after", lift.FormatMoney(*d.SpendMicros/d.Records), lift.FormatMoney(*d.SpendMicros/d.Conversions))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// wantCoverage compares the duplicates and the overlap of pixel and server with what was
// planted.
func wantCoverage(t *testing.T, report reports.Report, truth simulate.Truth) {
	t.Helper()
	c, twice := truth.Conversions, truth.Planted.Duplicates
	list := map[string]reports.ListCoverage{}
	for _, l := range report.Coverage.Lists {
		if l.Event == "purchase" {
			list[l.Surface] = l
		}
	}
	pixel, server := list["pixel"], list["server"]
	var alone, confirmed int64
	for _, d := range report.Coverage.Recovery {
		if d.Event == "purchase" {
			alone += d.ServerOnly
			confirmed += d.ServerOnlyInCRM
		}
	}
	both := c.All + c.PixelServer
	for _, w := range []struct {
		what      string
		got, want int64
	}{
		{"pairs of pixel and server", both, twice.EventIDPairs + twice.OrderPairs},
		{"conversions of the pixel", pixel.Conversions, c.Pixel + c.PixelCRM + both},
		{"of these in the server", pixel.InServer, both},
		{"of these in the CRM", pixel.InCRM, c.PixelCRM + c.All},
		{"conversions of the server", server.Conversions, c.Server + c.ServerCRM + both},
		{"of these in the pixel", server.InPixel, both},
		{"records of the server that repeat one of it", server.Records - server.Conversions, twice.ServerRetries},
		{"records of the pixel that repeat one of it", pixel.Records - pixel.Conversions, 0},
		{"records that repeat one of any list", pixel.Records + server.Records - (pixel.Conversions + server.Conversions - both), twice.Records},
		{"conversions that only the server saw", alone, c.Server + c.ServerCRM},
		{"of these in the CRM", confirmed, c.ServerCRM},
	} {
		if w.got != w.want {
			t.Errorf("%s: found %d, planted %d", w.what, w.got, w.want)
		}
	}
}
