package warehouse

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What fillers give comes out of the view, of every type, whatever the texts hold and
// whichever columns are read.
func TestStream(t *testing.T) {
	const rows = 3*maxRows + 17
	texts := []string{"x", "twelve bytes", "thirteen bytes", "a,b\n\"c\"", "Ä€", "", strings.Repeat("long ", 1000)}
	day := time.Date(2026, 11, 27, 23, 0, 0, 0, time.UTC)
	columns := []Column{{Name: "n", Type: "BIGINT"}, {Name: "s", Type: "VARCHAR"}, {Name: "l", Type: "VARCHAR"}, {Name: "b", Type: "BOOLEAN"}, {Name: "d", Type: "DATE"}}
	values := func(i int) []Value {
		if i%5 == 4 {
			return []Value{Int(int64(i)), {}, {}, {}, {}}
		}
		return []Value{Int(int64(i)), Text(texts[i%len(texts)]), Text(fmt.Sprintf("another long text, no. %d", i)), Flag(i%2 == 0), Day(day.AddDate(0, 0, i))}
	}
	shown := func(i int) map[string]string {
		if i%5 == 4 {
			return map[string]string{"n": fmt.Sprint(i), "s": "NULL", "l": "NULL", "b": "NULL", "d": "NULL"}
		}
		text := texts[i%len(texts)]
		if text == "" {
			text = "NULL"
		}
		return map[string]string{"n": fmt.Sprint(i), "s": text, "l": fmt.Sprintf("another long text, no. %d", i), "b": fmt.Sprint(i%2 == 0), "d": day.AddDate(0, 0, i).Format(time.DateOnly)}
	}
	for _, read := range []string{"n s l b d", "l n", "d n s"} {
		db := openTest(t, "", Options{})
		list := strings.Fields(read)
		var got, want [][]string
		for i := range rows {
			var row []string
			for _, c := range list {
				row = append(row, shown(i)[c])
			}
			want = append(want, row)
		}
		next := make(chan int, rows)
		for i := range rows {
			next <- i
		}
		close(next)
		fill := func(out *Rows) error {
			for !out.IsFull() {
				i, ok := <-next
				if !ok {
					return nil
				}
				if err := out.Append(values(i)...); err != nil {
					return err
				}
			}
			return nil
		}
		err := db.Transact(t.Context(), func(tx *Tx) error {
			s, err := tx.Stream(t.Context(), "stage_x", columns, []Filler{fill, fill})
			if err != nil {
				return err
			}
			query := "SELECT COALESCE(CAST(" + strings.Join(list, " AS VARCHAR), 'NULL'), COALESCE(CAST(") + " AS VARCHAR), 'NULL') FROM stage_x ORDER BY n"
			_, got, err = tx.texts(t.Context(), query, nil)
			return s.Close(err)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%.2000s", read, diff)
		}
	}
}

func TestStreamFails(t *testing.T) {
	own := errors.New("of the filler")
	for name, fill := range map[string]Filler{
		"an error":       func(*Rows) error { return own },
		"a panic":        func(*Rows) error { panic("so") },
		"few values":     func(r *Rows) error { return r.Append(Int(1)) },
		"another type":   func(r *Rows) error { return r.Append(Text("x"), Text("y")) },
		"no valid UTF-8": func(r *Rows) error { return r.Append(Int(1), Text("\xff")) },
		"no long UTF-8":  func(r *Rows) error { return r.Append(Int(1), Text("thirteen \xff bytes")) },
	} {
		db := openTest(t, "", Options{})
		err := db.Transact(t.Context(), func(tx *Tx) error {
			s, err := tx.Stream(t.Context(), "stage_x", []Column{{Name: "n", Type: "BIGINT"}, {Name: "s", Type: "VARCHAR"}}, []Filler{fill})
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), "CREATE TEMP TABLE t AS SELECT * FROM stage_x")
			return s.Close(err)
		})
		if err == nil || name == "an error" && err != own {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Long texts end a chunk, whatever room there is for rows.
func TestStreamOfLongTexts(t *testing.T) {
	db := openTest(t, "", Options{})
	left, most := 40, 0
	long := strings.Repeat("x", maxLong/4)
	transact(t, db, func(tx *Tx) error {
		s, err := tx.Stream(t.Context(), "stage_x", []Column{{Name: "s", Type: "VARCHAR"}}, []Filler{func(r *Rows) error {
			for !r.IsFull() && left > 0 {
				left--
				if err := r.Append(Text(long)); err != nil {
					return err
				}
			}
			most = max(most, r.n)
			return nil
		}})
		if err != nil {
			return err
		}
		_, got, err := tx.texts(t.Context(), "SELECT count(*), sum(strlen(s)) FROM stage_x", nil)
		if err == nil && (got[0][0] != "40" || got[0][1] != fmt.Sprint(40*len(long)) || most != 4) {
			t.Errorf("got %v, %d rows at once", got, most)
		}
		return s.Close(err)
	})
}

// A stream is over when it was read, and who reads it again is told.
func TestStreamIsReadOnce(t *testing.T) {
	db := openTest(t, "", Options{})
	err := db.Transact(t.Context(), func(tx *Tx) error {
		s, err := tx.Stream(t.Context(), "stage_x", []Column{{Name: "n", Type: "BIGINT"}}, []Filler{func(*Rows) error { return nil }})
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "CREATE TEMP TABLE t AS SELECT a.n FROM stage_x AS a, stage_x AS b")
		return s.Close(err)
	})
	if err == nil || !strings.Contains(err.Error(), "stream stage_x is read twice") {
		t.Errorf("got %v", err)
	}
}
