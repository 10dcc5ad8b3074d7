package jobs

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"ghostlight/jobs/warehouse"
)

// Observed is the event dictionary that records themselves show: which events they are, in
// which order, and what they carry. It holds no value and no identifier.
type Observed struct {
	Records int64                    `json:"records"`
	Events  map[string]ObservedEvent `json:"events"`  // by event, surface and platform
	Refused map[string]int64         `json:"refused"` // rows by column and rule
}

// ObservedEvent is what the records of one event on one surface and platform have in common.
type ObservedEvent struct {
	Records int64 `json:"records"`
	// FirstUS is when the first of them occurred.
	FirstUS int64 `json:"first_us"`
	// Parameters says of each parameter and identifier: always, sometimes or never.
	Parameters map[string]string `json:"parameters"`
	// Forms are the forms of ids that there are: number, uuid, hex, text.
	Forms map[string]string `json:"forms"`
	// IDs says whether event ids are shared with another surface, and used by several records of this one.
	IDs map[string]string `json:"ids"`
	// Consent are the states of each purpose.
	Consent map[string]string `json:"consent"`
	// Currencies that are stated.
	Currencies string `json:"currencies"`
}

// ObservedRecords says which events of a warehouse are looked at: those of one source, "" for
// all, and of them the test traffic, the others, or, without IsTest, both.
type ObservedRecords struct {
	Source     string
	IsTest     *bool
	ReceivedBy *int64 // epoch microseconds of the last receipt; nil for all
}

// observedParameters are what an event may carry, by column of clean.event and clean.signal.
var observedParameters = []string{
	"value", "currency", "order_id", "event_id", "email", "phone", "customer", "device", "ip", "household", "click", "cookie", "app_version",
}

type observedRow struct {
	Surface        string `db:"surface"`
	Platform       string `db:"platform"`
	Name           string `db:"event_name"`
	Canonical      string `db:"canonical_name"`
	Records        int64  `db:"records"`
	FirstUS        int64  `db:"first_us"`
	Value          int64  `db:"value"`
	Currency       int64  `db:"currency"`
	OrderID        int64  `db:"order_id"`
	EventID        int64  `db:"event_id"`
	Email          int64  `db:"email"`
	Phone          int64  `db:"phone"`
	Customer       int64  `db:"customer"`
	Device         int64  `db:"device"`
	IP             int64  `db:"ip"`
	Household      int64  `db:"household"`
	Click          int64  `db:"click"`
	Cookie         int64  `db:"cookie"`
	AppVersion     int64  `db:"app_version"`
	EventForms     string `db:"event_forms"`
	OrderForms     string `db:"order_forms"`
	Shared         int64  `db:"shared"`
	Repeated       int64  `db:"repeated"`
	Measurement    string `db:"measurement"`
	Personalising  string `db:"personalisation"`
	CurrencyStated string `db:"currencies"`
}

// idForm tells the form of an id: what is behind it may have another type at each sender.
const idForm = `CASE WHEN %[1]s IS NULL THEN NULL
	WHEN regexp_full_match(%[1]s, '[0-9]+') THEN 'number'
	WHEN regexp_full_match(%[1]s, '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}') THEN 'uuid'
	WHEN regexp_full_match(%[1]s, '[0-9A-Fa-f]{8,}') THEN 'hex' ELSE 'text' END`

// Observe reads the dictionary that events of a warehouse show. Each distinct record counts
// once. Events get the names that the dictionary gives them, else the mapping pack, else
// their own.
func (w *Workspace) Observe(ctx context.Context, tx *warehouse.Tx, of ObservedRecords) (Observed, error) {
	out := Observed{Events: map[string]ObservedEvent{}, Refused: map[string]int64{}}
	rows, err := warehouse.Read[observedRow](ctx, tx, `WITH record AS (
			SELECT g.* EXCLUDE (file_id, signal_no), e.* EXCLUDE (file_id, signal_no), `+fmt.Sprintf(idForm, "e.event_id")+` AS event_form, `+fmt.Sprintf(idForm, "e.order_id")+` AS order_form
			FROM clean.event AS e JOIN clean.signal AS g ON g.file_id = e.file_id AND g.signal_no = e.signal_no
			WHERE ($1 = '' OR g.source = $1) AND ($2 IS NULL OR g.is_test = $2) AND ($3 IS NULL OR e.received_us <= $3)
			QUALIFY row_number() OVER (PARTITION BY g.source, e.row_key ORDER BY e.file_id, e.line_no) = 1),
		id AS (SELECT event_id, count(DISTINCT surface) AS surfaces FROM record WHERE event_id IS NOT NULL GROUP BY event_id),
		own AS (SELECT event_id, surface, platform, event_name, count(*) AS uses FROM record WHERE event_id IS NOT NULL GROUP BY ALL)
		SELECT r.surface, r.platform, r.event_name, coalesce(r.canonical_name, '') AS canonical_name, count(*) AS records, min(r.occurred_us) AS first_us,
			count(r.value_micros) AS value, count(r.currency) AS currency, count(r.order_id) AS order_id, count(r.event_id) AS event_id,
			count(r.email_key) AS email, count(r.phone_key) AS phone, count(r.customer_key) AS customer, count(r.device_key) AS device,
			count(r.ip_key) AS ip, count(r.household_key) AS household, count(r.click_key) AS click, count(r.cookie_key) AS cookie, count(r.app_version) AS app_version,
			coalesce(string_agg(DISTINCT r.event_form, ', ' ORDER BY r.event_form), '') AS event_forms,
			coalesce(string_agg(DISTINCT r.order_form, ', ' ORDER BY r.order_form), '') AS order_forms,
			count(*) FILTER (i.surfaces > 1) AS shared, count(*) FILTER (o.uses > 1) AS repeated,
			string_agg(DISTINCT r.consent_measurement, ', ' ORDER BY r.consent_measurement) AS measurement,
			string_agg(DISTINCT r.consent_personalisation, ', ' ORDER BY r.consent_personalisation) AS personalisation,
			coalesce(string_agg(DISTINCT r.currency, ', ' ORDER BY r.currency), '') AS currencies
		FROM record AS r LEFT JOIN id AS i ON i.event_id = r.event_id
		LEFT JOIN own AS o ON o.event_id = r.event_id AND o.surface = r.surface AND o.platform = r.platform AND o.event_name = r.event_name
		GROUP BY r.surface, r.platform, r.event_name, coalesce(r.canonical_name, '')
		ORDER BY r.surface, r.platform, r.event_name, canonical_name`, of.Source, of.IsTest, of.ReceivedBy)
	if err != nil {
		return out, err
	}
	_, aliases, _ := w.dictionaryRows()
	for _, row := range rows {
		name := row.name(aliases, w.EventNames()) + " (" + row.Surface + ", " + row.Platform + ")"
		for out.has(name) { // two names that are one event are told apart
			name += " as " + strconv.Quote(row.Name)
		}
		out.Records += row.Records
		out.Events[name] = row.event()
	}
	refused, err := warehouse.Read[struct {
		Column string `db:"column_name"`
		Rule   string `db:"rule"`
		Rows   int64  `db:"rows_refused"`
	}](ctx, tx, `SELECT column_name, rule, count(*) AS rows_refused FROM ops.quarantine
		WHERE ($1 = '' OR source = $1) GROUP BY column_name, rule ORDER BY column_name, rule`, of.Source)
	for _, f := range refused {
		out.Refused[f.Column+": "+f.Rule] = f.Rows
	}
	return out, err
}

func (o Observed) has(name string) bool {
	_, has := o.Events[name]
	return has
}

// name is what the dictionary calls the event of a row.
func (r observedRow) name(aliases []eventAliasRow, events []string) string {
	for _, a := range aliases {
		if a.Platform == r.Platform && a.Surface == r.Surface && a.EventName == r.Name {
			return events[a.EventNo-1]
		}
	}
	return cmp.Or(r.Canonical, r.Name)
}

func (r observedRow) event() ObservedEvent {
	e := ObservedEvent{Records: r.Records, FirstUS: r.FirstUS, Parameters: map[string]string{}, Currencies: r.CurrencyStated,
		Forms:   map[string]string{"event_id": r.EventForms, "order_id": r.OrderForms},
		IDs:     map[string]string{"shared": r.often(r.Shared), "repeated": r.often(r.Repeated)},
		Consent: map[string]string{"measurement": r.Measurement, "personalisation": r.Personalising}}
	for i, n := range []int64{r.Value, r.Currency, r.OrderID, r.EventID, r.Email, r.Phone, r.Customer, r.Device, r.IP, r.Household, r.Click, r.Cookie, r.AppVersion} {
		e.Parameters[observedParameters[i]] = r.often(n)
	}
	return e
}

func (r observedRow) often(n int64) string {
	switch n {
	case 0:
		return "never"
	case r.Records:
		return "always"
	}
	return "sometimes"
}

// refusedRows stands for the event of a change that is of rows that no event was made of.
const refusedRows = "(refused rows)"

// DiffObserved lists in what the records of now differ from those of old, by event and
// field. Values and times are not compared, but in which order events first occurred: of
// those that both have.
func DiffObserved(old, now Observed) []DictionaryChange {
	changes := []DictionaryChange{}
	differ := func(event string, was, is map[string]string) {
		for field := range maps.Keys(was) {
			if was[field] != is[field] {
				changes = append(changes, DictionaryChange{event, "changed", field, was[field], is[field]})
			}
		}
		for field := range maps.Keys(is) {
			if _, had := was[field]; !had {
				changes = append(changes, DictionaryChange{event, "changed", field, "", is[field]})
			}
		}
	}
	places, placesNow := old.places(now), now.places(old)
	for name, e := range old.Events {
		next, kept := now.Events[name]
		if !kept {
			changes = append(changes, DictionaryChange{Event: name, Change: "removed"})
			continue
		}
		differ(name, e.fields(places[name]), next.fields(placesNow[name]))
	}
	for name := range now.Events {
		if !old.has(name) {
			changes = append(changes, DictionaryChange{Event: name, Change: "added"})
		}
	}
	counts := func(refused map[string]int64) map[string]string {
		fields := map[string]string{}
		for rule, n := range refused {
			fields[rule] = strconv.FormatInt(n, 10)
		}
		return fields
	}
	differ(refusedRows, counts(old.Refused), counts(now.Refused))
	slices.SortFunc(changes, func(a, b DictionaryChange) int {
		return cmp.Or(cmp.Compare(a.Event, b.Event), cmp.Compare(a.Field, b.Field))
	})
	return changes
}

// places are the places in the journey of the events that the other has too, from 1.
func (o Observed) places(other Observed) map[string]int {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(o.Events)), func(name string) bool { return !other.has(name) })
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(o.Events[a].FirstUS, o.Events[b].FirstUS), cmp.Compare(a, b))
	})
	places := map[string]int{}
	for i, name := range names {
		places[name] = i + 1
	}
	return places
}

func (e ObservedEvent) fields(place int) map[string]string {
	fields := map[string]string{"records": strconv.FormatInt(e.Records, 10), "place": strconv.Itoa(place), "currencies": e.Currencies}
	for prefix, of := range map[string]map[string]string{"parameters.": e.Parameters, "forms.": e.Forms, "ids.": e.IDs, "consent.": e.Consent} {
		for name, value := range of {
			fields[prefix+name] = value
		}
	}
	return fields
}
