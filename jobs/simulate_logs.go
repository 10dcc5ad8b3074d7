package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"ghostlight/analysis/simulate"
)

// Rows of a full part. A part of the exposure log is what the engine turns
// into Parquet in one go.
const (
	rowsOfPart         = 1_000_000
	exposureRowsOfPart = 2_500_000
)

// simulatedLogs are the open files of a simulated workspace.
type simulatedLogs struct {
	creatives  []simulate.Creative
	assignment partFiles
	exposures  partFiles
	pixel      partFiles
	capi       partFiles
	orders     partFiles
	emails     partFiles
	ips        partFiles
	parquet    *parquetWriter // nil: the exposure log stays CSV
	order      []string       // a row of orders, reused
}

func openSimulatedLogs(ctx context.Context, data, format string) (*simulatedLogs, error) {
	part := func(folder, ext string, header ...string) partFiles {
		return partFiles{folder: filepath.Join(data, folder), ext: ext, header: header, limit: rowsOfPart}
	}
	l := &simulatedLogs{
		creatives:  simulate.Creatives(),
		assignment: part("assignment", "csv", "household", "group", "region", "assigned_at"),
		exposures:  part("exposures", "csv", "impression_id", "household", "ts_ms", "campaign", "creative", "type"),
		pixel:      part("pixel", "csv", "event_id", "event", "ts", "received_at", "order_id", "value", "currency", "is_test", "email_sha256", "ip"),
		capi:       part("capi", "jsonl"),
		orders:     part("crm", "csv", shopifyHeader()...),
		emails:     part("identity_email", "csv", "email_sha256", "household", "first_seen", "last_seen"),
		ips:        part("identity_ip", "csv", "ip", "household", "first_seen", "last_seen"),
	}
	l.order = make([]string, len(l.orders.header))
	l.exposures.limit = exposureRowsOfPart
	if format == "parquet" {
		writer, err := openParquetWriter(ctx, l.exposures.folder)
		if err != nil {
			return nil, err
		}
		l.parquet = writer
		l.exposures.finish = func(path string) error { return writer.convertExposures(ctx, path) }
	}
	var errs []error
	for _, p := range l.parts() {
		errs = append(errs, p.begin())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, l.close(false))
	}
	return l, nil
}

func (l *simulatedLogs) parts() []*partFiles {
	return []*partFiles{&l.assignment, &l.exposures, &l.pixel, &l.capi, &l.orders, &l.emails, &l.ips}
}

// close ends all logs; ok is false when they are given up.
func (l *simulatedLogs) close(ok bool) error {
	var errs []error
	for _, p := range l.parts() {
		errs = append(errs, p.end(ok))
	}
	if l.parquet != nil {
		errs = append(errs, l.parquet.close())
	}
	return errors.Join(errs...)
}

// household writes all records of one household or stranger.
func (l *simulatedLogs) household(h *simulate.Household) error {
	for _, p := range l.parts() {
		if err := p.turn(); err != nil {
			return err
		}
	}
	if !h.Stranger {
		if err := l.assignment.row(h.Key, h.Arm(), h.Region, simulatedTime(h.AssignedAt)); err != nil {
			return err
		}
	}
	if err := l.exposed(h); err != nil {
		return err
	}
	hashed := emailSHA256(h.Email)
	for _, link := range h.Links {
		file, id := &l.ips, link.IP
		if link.Email != "" {
			file, id = &l.emails, hashed
		}
		if err := file.row(id, link.HouseholdKey, simulatedTime(link.FirstSeen), simulatedTime(link.LastSeen)); err != nil {
			return err
		}
	}
	for _, e := range h.Pixel {
		email := ""
		if e.Email != "" {
			email = hashed
		}
		err := l.pixel.row(e.ID, e.Name, simulatedTime(e.At), simulatedTime(e.Received), e.OrderID,
			simulatedAmount(e.Cents), e.Currency, strconv.FormatBool(e.Test), email, e.IP)
		if err != nil {
			return err
		}
	}
	for _, e := range h.Server {
		line, err := metaRequest(e, hashed)
		if err != nil {
			return err
		}
		if err := l.capi.line(line); err != nil {
			return err
		}
	}
	for _, o := range h.Orders {
		if err := l.shopifyOrder(o); err != nil {
			return err
		}
	}
	return nil
}

func (l *simulatedLogs) exposed(h *simulate.Household) error {
	kind := "imp"
	if h.Holdout {
		kind = "ghost"
	}
	index := strconv.FormatInt(h.Index, 10)
	for i, e := range h.Exposures {
		c := l.creatives[e.Creative]
		err := l.exposures.row(index+"."+strconv.Itoa(i+1), h.Key, strconv.FormatInt(e.AtMS, 10), c.Campaign, c.Name, kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// metaRequest is one line of a Meta Conversions API archive: the request as it
// was sent, one event each, and when it was received.
func metaRequest(e simulate.Event, emailHash string) ([]byte, error) {
	type userData struct {
		Email []string `json:"em,omitempty"`
		IP    string   `json:"client_ip_address"`
		Agent string   `json:"client_user_agent"`
	}
	type customData struct {
		Value    json.Number `json:"value,omitempty"`
		Currency string      `json:"currency,omitempty"`
		OrderID  string      `json:"order_id,omitempty"`
	}
	type event struct {
		Name   string     `json:"event_name"`
		Time   int64      `json:"event_time"`
		ID     string     `json:"event_id"`
		Source string     `json:"action_source"`
		URL    string     `json:"event_source_url"`
		User   userData   `json:"user_data"`
		Custom customData `json:"custom_data"`
	}
	type request struct {
		ReceivedAt string  `json:"received_at"`
		TestCode   string  `json:"test_event_code,omitempty"`
		Data       []event `json:"data"`
	}
	r := request{ReceivedAt: simulatedTime(e.Received), Data: []event{{
		Name: e.Name, Time: e.At, ID: e.ID, Source: "website", URL: "https://shop.example/",
		User:   userData{IP: e.IP, Agent: "Mozilla/5.0"},
		Custom: customData{Value: json.Number(simulatedAmount(e.Cents)), Currency: e.Currency, OrderID: e.OrderID},
	}}}
	if e.Test {
		r.TestCode = "TEST48213"
	}
	if e.Email != "" {
		r.Data[0].User.Email = []string{emailHash}
	}
	return json.Marshal(r)
}

// writeSimulatedSpend writes the cost of each creative by day.
func writeSimulatedSpend(path string, days []simulate.SpendDay) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	creatives := simulate.Creatives()
	rows := [][]string{{"day", "campaign", "creative", "spend_micros", "currency"}}
	for _, s := range days {
		c := creatives[s.Creative]
		day := simulate.PeriodStart.AddDate(0, 0, s.Day).Format(time.DateOnly)
		rows = append(rows, []string{day, c.Campaign, c.Name, strconv.FormatInt(s.Micros, 10), "USD"})
	}
	return errors.Join(csv.NewWriter(file).WriteAll(rows), file.Close())
}

func emailSHA256(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:])
}

func simulatedTime(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// simulatedAmount writes cents as units, and nothing for a missing value.
func simulatedAmount(cents int64) string {
	if cents < 0 {
		return ""
	}
	text := strconv.FormatInt(cents, 10)
	for len(text) < 3 {
		text = "0" + text
	}
	return text[:len(text)-2] + "." + text[len(text)-2:]
}
