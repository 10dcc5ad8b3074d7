package source

import (
	"fmt"
	"sync"
	"testing"

	"ghostlight/jobs/warehouse"
)

// shown are exposures with what they show.
const shown = `(SELECT l.source, e.exposure_id, e.household_key, make_timestamp(e.exposed_us) AS exposed_at, e.exposed_us, e.received_us,
	s.campaign, s.creative, s.line_item, s.kind, e.quartile, e.cost_micros, s.currency, e.is_invalid, e.device_key, e.ip_key, e.customer_key, e.file_id, e.line_no
	FROM clean.exposure AS e JOIN clean.serving AS s USING (file_id, serving_no) LEFT JOIN ops.load AS l USING (file_id))`

// told are the events of clean.event with what they say they are.
const told = `(SELECT s.source, s.surface, s.platform, s.event_name, s.canonical_name, s.kind, e.event_id, s.dataset_id, e.order_id, e.occurred_at, e.occurred_us, e.received_us,
	s.accept_us, e.platform_state, e.value_micros, s.currency, s.action_source, s.app_version, s.device_family, s.browser_family, s.is_test, s.consent_measurement, s.consent_personalisation,
	e.* EXCLUDE (signal_no, event_id, order_id, occurred_at, occurred_us, received_us, platform_state, value_micros)
	FROM clean.event AS e JOIN clean.signal AS s USING (file_id, signal_no))`

// withWords are the rows of a table with their words.
func withWords(table string) string {
	switch table {
	case "exposure":
		return shown
	case "event":
		return told
	}
	return "clean." + table
}

// wordRows notes what is written of words.
type wordRows struct{ rows [][]warehouse.Value }

func (w *wordRows) Append(row ...warehouse.Value) error {
	w.rows = append(w.rows, append([]warehouse.Value(nil), row...))
	return nil
}

// A number leads to the words that it was given for, whichever goroutine asks and however
// many there are; where they are not too many, each has one.
func TestWordsHaveTheirNumbers(t *testing.T) {
	for _, combinations := range []int{3, 300, maxWords + 300} {
		to := &wordRows{}
		shared := &sharedWords{to: to}
		given := make([]map[int64]string, 3)
		var all sync.WaitGroup
		for i := range given {
			given[i] = map[int64]string{}
			all.Go(func() {
				var lately lateWords
				for n := range 2 * combinations {
					word := fmt.Sprint("word ", (n*7+i)%combinations)
					words := []warehouse.Value{warehouse.Text(word), warehouse.Flag(n%2 == 0), {}}
					var key []byte
					for _, v := range words {
						key = v.AppendBinary(key)
					}
					given[i][lately.number(shared, key, words)] = fmt.Sprint(words[0].Text(), words[1])
				}
			})
		}
		all.Wait()
		if shared.err != nil {
			t.Fatal(shared.err)
		}
		written := map[int64]string{}
		for _, row := range to.rows {
			no, _ := row[0].Int()
			if written[no] != "" {
				t.Fatalf("number %d is written twice", no)
			}
			written[no] = fmt.Sprint(row[1].Text(), row[2])
		}
		for i := range given {
			for no, words := range given[i] {
				if written[no] != words {
					t.Fatalf("number %d was given for %s and written for %s", no, words, written[no])
				}
			}
		}
		if combinations < maxWords/2 && len(written) > 2*combinations {
			t.Errorf("%d numbers of %d combinations", len(written), 2*combinations)
		}
	}
}
