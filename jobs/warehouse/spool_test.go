package warehouse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What goes into a spool comes out of it, whatever the texts hold, in private files
// that are gone after the transaction.
func TestSpool(t *testing.T) {
	long := strings.Repeat("x", maxSpoolLine+10)
	for _, texts := range [][]string{
		{"plain", "a,b", `say "so"`, `"`, "'", "#", " blanks ", "Ä€", "NULL"},
		{"two\nlines", "a\r\nb", "\r", "\n", `"` + "\n" + `"`},
		{long},
	} {
		dir := t.TempDir()
		db, err := Open(t.Context(), filepath.Join(dir, "w.duckdb"), DefaultConfig(), Options{TempDir: filepath.Join(dir, "temp")})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = db.Transact(t.Context(), func(tx *Tx) error {
			s, err := tx.Spool("stage_x", []Column{{Name: "n", Type: "BIGINT"}, {Name: "s", Type: "VARCHAR"}, {Name: "b", Type: "BOOLEAN"}}, 2)
			if err != nil {
				return err
			}
			for i, text := range texts {
				if err := s.Parts[i%2].Append(Int(int64(i)), Text(text), Value{}); err != nil {
					return err
				}
			}
			if err := s.View(t.Context()); err != nil {
				return err
			}
			_, rows, err := tx.texts(t.Context(), "SELECT s FROM stage_x WHERE b IS NULL ORDER BY n", nil)
			for _, row := range rows {
				got = append(got, row[0])
			}
			for _, file := range tx.spools {
				if info, statErr := os.Stat(file.Name()); statErr != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("spool: %v, %v", info.Mode(), statErr)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "temp", "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
