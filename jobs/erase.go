package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Limits of one erasure.
const (
	maxErasedIDs   = 100_000
	maxErasedBytes = 1000 // of one identifier
)

// ErasedID is an identifier of a person to erase, and the line it came from, by
// which alone it is ever named.
type ErasedID struct {
	Line int
	Text string
}

// ReadErasedIDs reads identifiers, one a line; blank lines are skipped.
func ReadErasedIDs(in io.Reader) ([]ErasedID, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 2*maxErasedBytes)
	var ids []ErasedID
	line := 0
	for lines.Scan() {
		line++
		text := lines.Text()
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		switch text = strings.TrimSpace(text); {
		case text == "":
			continue
		case len(text) > maxErasedBytes:
			return nil, tooLong(line)
		case !utf8.ValidString(text):
			return nil, badID(line, "not UTF-8")
		case len(ids) == maxErasedIDs:
			return nil, &UsageError{Problem: fmt.Sprintf("more than %d identifiers", maxErasedIDs), Hint: "erase them in parts"}
		}
		ids = append(ids, ErasedID{line, text})
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, tooLong(line + 1)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read identifiers: %w", err)
	}
	if len(ids) == 0 {
		return nil, &UsageError{Problem: "there is no identifier on standard input", Hint: "give one a line: ghostlight erase --type email < ids.txt"}
	}
	return ids, nil
}

func tooLong(line int) error {
	return badID(line, fmt.Sprintf("longer than %d bytes", maxErasedBytes))
}

func badID(line int, rule string) error {
	return &UsageError{Problem: fmt.Sprintf("standard input, line %d: %s", line, rule), Hint: "nothing was erased; correct the line or take it out"}
}

// ErasableTypes are the types of identifiers that a person can be erased by.
func ErasableTypes() []string { return source.IDTypes() }

// EraseRequest asks for persons to be erased.
type EraseRequest struct {
	Type   string // one of ErasableTypes
	IDs    []ErasedID
	DryRun bool // count, and change nothing
}

// Receipt says what an erasure did. It names nobody.
type Receipt struct {
	SchemaVersion int              `json:"schema_version"`
	Erasure       string           `json:"erasure"` // its number; the receipt's file is named after it
	DryRun        bool             `json:"dry_run"`
	ErasedAt      time.Time        `json:"erased_at"`
	Type          string           `json:"type"`
	Asked         int              `json:"identifiers_asked"`
	Found         int64            `json:"identifiers_found"`
	Removed       []source.Removed `json:"removed"`      // rows, by table
	ModelTables   int64            `json:"model_tables"` // derived tables that were emptied; the next run makes them again
	KeyID         string           `json:"key_id"`       // fingerprint of the identity key
	EngineVersion string           `json:"engine_version"`
	CodeVersion   string           `json:"code_version"`
	Scope         string           `json:"scope"`
}

// eraseScope is what a receipt says about what an erasure reaches.
const eraseScope = "Every row that carries the identifiers, with its further identifiers and what of its lines was in quarantine, is deleted, " +
	"and the warehouse was written anew. A list of keyed digests keeps the persons out of later loads. " +
	"Reports already rendered and stored results hold aggregates only and stay as they are. Source files and backups are not touched."

// nothingErased is that scope when no row carried any of the identifiers.
const nothingErased = "No row carries any of the identifiers, so nothing was deleted. " +
	"A list of keyed digests keeps the persons out of later loads. Source files and backups are not looked at."

// Rows is the sum over all tables.
func (r Receipt) Rows() (total int64) {
	for _, t := range r.Removed {
		total += t.Rows
	}
	return total
}

// Erase removes persons: their rows in one transaction, then the file's free
// space, then it writes the receipt. When it is stopped after the transaction, the
// next Open for writing does the rest.
func (e *Engine) Erase(ctx context.Context, request EraseRequest) (Receipt, error) {
	if !slices.Contains(ErasableTypes(), request.Type) {
		return Receipt{}, &UsageError{Problem: "unknown type of identifier", Hint: didYouMean(request.Type, ErasableTypes())}
	}
	digests, err := e.digests(request)
	if err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{
		SchemaVersion: 1, DryRun: request.DryRun, ErasedAt: e.opt.Now().UTC().Truncate(time.Second), Type: request.Type, Asked: len(request.IDs),
		KeyID: e.keyer.ID(), EngineVersion: e.version, CodeVersion: e.opt.CodeVersion, Scope: eraseScope,
	}
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if err := e.eraseRows(ctx, tx, &receipt, digests); err != nil {
			return err
		}
		if request.DryRun {
			return errDiscard
		}
		return nil
	})
	if errors.Is(err, errDiscard) {
		return receipt, nil
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("erase: %w", err)
	}
	e.opt.Log.Debug("erasure", "step", "deleted")
	if err := e.finishErasures(ctx); err != nil {
		return Receipt{}, fmt.Errorf("erase: the rows are deleted, but the file's free space is not; the next command that writes to the workspace does it: %w", err)
	}
	return receipt, nil
}

// digests are what the suppression list gets, for each identifier. The error names
// lines.
func (e *Engine) digests(request EraseRequest) ([][]source.Suppressed, error) {
	further := e.Workspace.Sources.IDRules(request.Type)
	all := make([][]source.Suppressed, 0, len(request.IDs))
	var bad []string
	for _, id := range request.IDs {
		digests, broken := e.keyer.Digests(request.Type, further, id.Text)
		if broken != "" {
			bad = append(bad, fmt.Sprintf("line %d: %s", id.Line, broken))
			continue
		}
		forms := make([]source.Suppressed, len(digests))
		for i, d := range digests {
			forms[i] = source.Suppressed{Type: request.Type, Digest: d, Rules: e.keyer.Rules()}
		}
		all = append(all, forms)
	}
	if len(bad) == 0 {
		return all, nil
	}
	const shown = 10
	problem := "standard input, " + strings.Join(bad[:min(len(bad), shown)], "; ")
	if len(bad) > shown {
		problem += fmt.Sprintf("; and %d more", len(bad)-shown)
	}
	return nil, &UsageError{Problem: problem, Hint: "nothing was erased; correct the lines or take them out"}
}

// erasureRow is a row of ops.erasure.
type erasureRow struct {
	ID         string `db:"erasure_id"`
	Receipt    string `db:"receipt"`
	IsFinished bool   `db:"is_finished"`
}

// eraseRows is the transaction of an erasure, and completes its receipt.
func (e *Engine) eraseRows(ctx context.Context, tx *warehouse.Tx, receipt *Receipt, digests [][]source.Suppressed) error {
	last, err := warehouse.Read[struct {
		Erasures int64  `db:"erasures"`
		Attempt  string `db:"attempt"`
	}](ctx, tx, `SELECT (SELECT count(*) FROM ops.erasure) AS erasures,
		(SELECT coalesce(max(attempt_id), '000000') FROM ops.run) AS attempt`)
	if err != nil {
		return err
	}
	receipt.Erasure = fmt.Sprintf("%06d", last[0].Erasures+1)
	for _, forms := range digests {
		for i := range forms {
			forms[i].After = last[0].Attempt
		}
	}
	if receipt.Found, receipt.Removed, err = source.Erase(ctx, tx, "erasure "+receipt.Erasure, digests); err != nil {
		return err
	}
	if receipt.Rows() == 0 {
		receipt.Scope = nothingErased
	}
	if err := source.Balance(ctx, tx); err != nil {
		return err
	}
	if receipt.ModelTables, err = tx.Empty(ctx, "model"); err != nil {
		return err
	}
	if _, err := tx.Fill(ctx, "ops.modelled", []modelledRow{}); err != nil {
		return err
	}
	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	_, err = tx.Insert(ctx, "ops.erasure", []erasureRow{{ID: receipt.Erasure, Receipt: string(text) + "\n"}})
	return err
}

// ReceiptPath is where the receipt of an erasure lies, relative to the workspace.
func ReceiptPath(erasure string) string {
	return stateFolder + "/" + receiptFolder + "/erasure-" + erasure + ".json"
}

// finishErasures writes the warehouse anew, so that its free space holds nothing
// of what was deleted, and the receipts of the erasures that wait for it.
func (e *Engine) finishErasures(ctx context.Context) error {
	var waiting []erasureRow
	err := e.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
		waiting, err = warehouse.Read[erasureRow](ctx, tx,
			"SELECT erasure_id, receipt, is_finished FROM ops.erasure WHERE NOT is_finished ORDER BY erasure_id")
		return err
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := e.compact(ctx); err != nil {
		return err
	}
	for _, w := range waiting {
		path := filepath.Join(e.Workspace.Dir, filepath.FromSlash(ReceiptPath(w.ID)))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("write receipt: %w", err)
		}
		if err := renameio.WriteFile(path, []byte(w.Receipt), 0o600); err != nil {
			return fmt.Errorf("write receipt: %w", err)
		}
	}
	e.opt.Log.Debug("erasure", "step", "receipt")
	return e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ops.erasure SET is_finished = TRUE WHERE NOT is_finished")
		return err
	})
}

// compact closes the warehouse, writes it anew and opens it again, also when that
// failed or was interrupted.
func (e *Engine) compact(ctx context.Context) error {
	err := e.db.Close()
	e.db = nil
	if err == nil {
		dir := filepath.Join(e.Workspace.Dir, stateFolder)
		err = warehouse.Compact(ctx, filepath.Join(dir, warehouseFile), e.Workspace.Engine, filepath.Join(dir, "tmp"),
			func(step string) { e.opt.Log.Debug("erasure", "step", step) })
	}
	return errors.Join(err, e.openWarehouse(context.WithoutCancel(ctx)))
}
