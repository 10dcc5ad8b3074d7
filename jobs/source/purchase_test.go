package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// One purchase, as each platform's archive has it. {PLAIN}, {GMAIL}, {BARE} and
// {UNTAGGED} are the hashes of the buyer's address under the rules of that name,
// {DIGITS} and {PLUS} those of the telephone number.
var purchases = []struct {
	pack, email, phone string // phone "": the platform takes none
	names              map[string]string
	line               string
}{
	{"meta_capi", "plain", "digits", nil, `{"data":[{"event_name":"Purchase","event_time":1757203200,"event_id":"e-1","action_source":"website","user_data":{"em":["{PLAIN}"],"ph":["{DIGITS}"]},"custom_data":{"value":59.98,"currency":"USD","order_id":"1001"}}]}`},
	{"snap_capi", "plain", "digits", nil, `{"data":[{"event_name":"PURCHASE","event_time":"1757203200","event_id":"e-1","action_source":"WEB","user_data":{"em":"{PLAIN}","ph":"{DIGITS}"},"custom_data":{"value":"59.98","currency":"USD","order_id":"1001"}}]}`},
	{"pinterest_capi", "plain", "digits", nil, `{"data":[{"event_name":"checkout","event_time":1757203200,"event_id":"e-1","action_source":"web","user_data":{"em":["{PLAIN}"],"ph":["{DIGITS}"]},"custom_data":{"value":"59.98","currency":"USD","order_id":"1001"}}]}`},
	{"roku_events", "untagged", "digits", nil, `{"event_group_id":"g","events":[{"event_name":"PURCHASE","event_time":1757203200,"event_id":"e-1","event_source":"website","user_data":{"is_hashed":"true","em":"{UNTAGGED}","ph":"{DIGITS}"},"custom_data":{"value":59.98,"currency":"USD","order_id":"1001"}}]}`},
	{"tiktok_events", "plain", "plus", nil, `{"event_source":"web","event_source_id":"P1","data":[{"event":"CompletePayment","event_time":1757203200,"event_id":"e-1","user":{"email":["{PLAIN}"],"phone":["{PLUS}"]},"properties":{"value":59.98,"currency":"USD","order_id":"1001"}}]}`},
	{"iab_ecapi", "plain", "plus", nil, `{"data_set_id":"d","id":"e-1","timestamp":1757203200,"event_type":"purchase","value":59.98,"currency_code":"USD","source":"website","user_data":{"email_address":["{PLAIN}"],"phone_numbers":["{PLUS}"]},"properties":{"transaction_id":"1001"}}`},
	{"google_ads_clicks", "gmail", "plus", map[string]string{"customers/1/conversionActions/2": "purchase"}, `{"conversions":[{"conversionAction":"customers/1/conversionActions/2","conversionDateTime":"2025-09-06 20:00:00-04:00","gclid":"g","orderId":"1001","conversionValue":59.98,"currencyCode":"USD","userIdentifiers":[{"hashedEmail":"{GMAIL}"},{"hashedPhoneNumber":"{PLUS}"}]}],"partialFailure":true}`},
	{"google_data_manager", "gmail", "plus", map[string]string{"2": "purchase"}, `{"destinations":[{"productDestinationId":"2"}],"events":[{"transactionId":"1001","eventTimestamp":"2025-09-07T00:00:00Z","eventSource":"WEB","conversionValue":59.98,"currency":"USD","userData":{"userIdentifiers":[{"emailAddress":"{GMAIL}"},{"phoneNumber":"{PLUS}"}]}}]}`},
	// Reddit takes no order id: the conversion's id is the one of the other platforms' events, whose order it is.
	{"reddit_capi_v2", "bare", "plus", nil, `{"events":[{"event_at":"2025-09-07T00:00:00.000Z","event_type":{"tracking_type":"Purchase"},"event_metadata":{"conversion_id":"e-1","value":5998,"currency":"USD"},"user":{"email":"{BARE}","phone_number":"{PLUS}"}}]}`},
	{"reddit_capi_v3", "bare", "plus", nil, `{"data":{"events":[{"event_at":1757203200000,"action_source":"WEBSITE","type":{"tracking_type":"PURCHASE"},"metadata":{"conversion_id":"e-1","value":59.98,"currency":"USD"},"user":{"email":"{BARE}","phone_number":"{PLUS}"}}]}}`},
}

// The same purchase through every platform's archive becomes equal records, each of
// which the raw order of the shop meets by e-mail address and by telephone number,
// while hashes of different rules meet nowhere.
func TestSamePurchaseOnEveryPlatform(t *testing.T) {
	const address, number = "Jane.Doe+news@gmail.com", "+1 (212) 555-0000"
	hashes := []string{}
	for _, f := range slices.Concat(emailForms, phoneForms) {
		person := strings.ToLower(address)
		if f.hash == Digits || f.hash == Plus {
			person = "12125550000"
		}
		sum := sha256.Sum256([]byte(f.write(person)))
		hashes = append(hashes, "{"+strings.ToUpper(string(f.hash))+"}", hex.EncodeToString(sum[:]))
	}
	w := newWorld(t)
	w.write("shop.csv", "Name,Email,Phone,Financial Status,Total,Currency,Created at,Lineitem name\n"+
		"#1001,"+address+","+number+",paid,59.98,USD,2025-09-06 20:00:00 -0400,Cup\n")
	cfg := Config{"shop": {Format: AutoFormat, Files: Globs{"data/shop.csv"}}}
	rules := map[string][2]string{}
	for _, p := range purchases {
		if packsOf(t)[p.pack] == nil {
			t.Log("left out: there is no pack " + p.pack)
			continue
		}
		w.write(p.pack+".jsonl", strings.NewReplacer(hashes...).Replace(p.line)+"\n")
		cfg[p.pack] = Source{Format: AutoFormat, Files: Globs{"data/" + p.pack + ".jsonl"}, Names: p.names}
		rules[p.pack] = [2]string{p.email, p.phone}
	}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}

	var want []string
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		want = append(want, name+",purchase,1757203200000000,59980000,USD,1001")
	}
	w.equal(`SELECT source, canonical_name, occurred_us, value_micros, currency,
			COALESCE(order_id, (SELECT min(order_id) FROM clean.event AS same WHERE same.event_id = event.event_id))
		FROM clean.event JOIN clean.signal USING (file_id, signal_no) ORDER BY source`, want...)

	w.equal(`SELECT order_id FROM clean.crm_order`, "1001") // which the others call it

	shop := map[string]bool{}
	for _, key := range w.text(`SELECT 'email ' || email_key FROM clean.crm_order UNION ALL SELECT 'phone ' || phone_key FROM clean.crm_order
		UNION ALL SELECT id_type || ' ' || id_key FROM clean.identifier WHERE table_name = 'crm_order'`) {
		shop[key] = true
	}
	if len(shop) != len(emailForms)+len(phoneForms) {
		t.Errorf("the shop's order has %d keys, want one for each of %d forms", len(shop), len(emailForms)+len(phoneForms))
	}
	for i, kind := range []string{"email", "phone"} {
		byKey := map[string]string{} // key: rule
		for _, line := range w.text(fmt.Sprintf("SELECT source, %s_key FROM clean.event JOIN clean.signal USING (file_id, signal_no) ORDER BY source", kind)) {
			source, key, _ := strings.Cut(line, ",")
			if !shop[kind+" "+key] {
				t.Errorf("%s: the shop's order has not its %s key", source, kind)
			}
			rule := rules[source][i]
			if other, met := byKey[key]; met && other != rule {
				t.Errorf("%s: %s hashes of rules %s and %s meet", source, kind, rule, other)
			}
			byKey[key] = rule
		}
		if distinct := slices.Compact(slices.Sorted(maps.Values(byKey))); len(distinct) != len(byKey) {
			t.Errorf("%s hashes of one rule do not meet: %v", kind, slices.Sorted(maps.Values(byKey)))
		}
	}
	if n := w.text(`SELECT count(*) FROM clean.identifier WHERE table_name = 'event'`); n[0] != "0" {
		t.Errorf("hashed rows have %s further identifiers, want none", n[0])
	}
}
