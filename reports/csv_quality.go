package reports

import "strconv"

func (r Report) freshnessTable() table {
	t := r.table("freshness", "source", "records", "p50_us", "p95_us", "p99_us")
	for _, f := range r.Quality.Freshness {
		r.add(&t, text(f.Source), integer(f.Records), optInteger(f.P50US), optInteger(f.P95US), optInteger(f.P99US))
	}
	return t
}

func (r Report) undefinedTable() table {
	t := r.table("undefined_events", "source", "platform", "event", "names", "records")
	for _, u := range r.Quality.Undefined {
		r.add(&t, text(u.Source), text(u.Platform), text(u.Event), integer(u.Names), integer(u.Records))
	}
	return t
}

func (r Report) acceptanceTable() table {
	t := r.table("acceptance", "source", "platform", "event", "in_dictionary", "limit_us", "records", "accepted", "refused", "unknown", "age_known", "beyond_limit", "would_be_refused")
	for _, a := range r.Quality.Acceptance {
		r.add(&t, text(a.Source), text(a.Platform), text(a.Event), strconv.FormatBool(a.InDictionary), optInteger(a.LimitUS), integer(a.Records), integer(a.Accepted),
			integer(a.Refused), integer(a.Unknown), integer(a.AgeKnown), integer(a.BeyondLimit), integer(a.WouldBeRefused))
	}
	return t
}

func (r Report) consentTable() table {
	t := r.table("consent", "arm", "surface", "purpose", "state", "records")
	for _, c := range r.Quality.Consent {
		r.add(&t, text(c.Arm), text(c.Surface), text(c.Purpose), text(c.State), integer(c.Records))
	}
	return t
}

func (r Report) consentUnitTable() table {
	t := r.table("consent_units", "arm", "state", "units")
	for _, c := range r.Quality.ConsentUnits {
		r.add(&t, text(c.Arm), text(c.State), integer(c.Units))
	}
	return t
}
