package reports

func (r Report) freshnessTable() table {
	t := r.table("freshness", "source", "records", "p50_us", "p95_us", "p99_us")
	for _, f := range r.Quality.Freshness {
		r.add(&t, text(f.Source), integer(f.Records), optInteger(f.P50US), optInteger(f.P95US), optInteger(f.P99US))
	}
	return t
}

func (r Report) acceptanceTable() table {
	t := r.table("acceptance", "source", "platform", "event", "limit_us", "records", "accepted", "refused", "unknown", "beyond_limit", "would_be_refused")
	for _, a := range r.Quality.Acceptance {
		r.add(&t, text(a.Source), text(a.Platform), text(a.Event), optInteger(a.LimitUS), integer(a.Records), integer(a.Accepted),
			integer(a.Refused), integer(a.Unknown), integer(a.BeyondLimit), integer(a.WouldBeRefused))
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
