package reports

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of results.json.
func Schema() []byte { return bytes.Clone(schema) }

// ErrSchemaVersion is returned for a results.json of a version that this
// program does not know.
var ErrSchemaVersion = errors.New("unknown schema version")

// JSON encodes the report as results.json holds it: indented, in field order,
// numbers at full precision, with a newline at the end. Missing lists become
// empty lists. It fails when a number is not finite or the report breaks its own
// rules (see Validate).
func JSON(r Report) ([]byte, error) {
	r, err := whole(r)
	if err != nil {
		return nil, err
	}
	return r.json()
}

func (r Report) json() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("encode results of study %q: %w", r.Study, err)
	}
	return b.Bytes(), nil
}

// ReadJSON reads a results.json, so that its page can be rendered again. A file
// of a higher schema version is refused with ErrSchemaVersion; fields that were
// added within a version are ignored.
func ReadJSON(path string) (Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Report{}, fmt.Errorf("read results: %w", err)
	}
	r, err := decode(data)
	if err != nil {
		return Report{}, fmt.Errorf("read results %s: %w", path, err)
	}
	return r, nil
}

func decode(data []byte) (Report, error) {
	var head struct {
		SchemaVersion *int `json:"schema_version"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&head); err != nil {
		return Report{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Report{}, errors.New("there is text after the JSON object")
	}
	switch {
	case head.SchemaVersion == nil || *head.SchemaVersion < 1:
		return Report{}, fmt.Errorf("%w: the file states none, so it is not a results.json", ErrSchemaVersion)
	case *head.SchemaVersion > SchemaVersion:
		return Report{}, fmt.Errorf("%w: the file has version %d and this program knows up to %d; use the newer program that made it",
			ErrSchemaVersion, *head.SchemaVersion, SchemaVersion)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, err
	}
	return r, nil
}
