package jobs

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// partFiles is one log, written as part-0001, part-0002, ... so that no file
// grows without bound. A log without rows has one part, with the header alone.
type partFiles struct {
	folder string
	ext    string
	header []string                // of CSV; nil for JSON lines
	limit  int64                   // rows of a full part
	finish func(path string) error // called for each part when it is closed; may be nil

	number int
	rows   int64
	file   *os.File
	buffer *bufio.Writer
	csv    *csv.Writer
}

// begin opens the next part.
func (p *partFiles) begin() error {
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		return err
	}
	p.number++
	p.rows = 0
	file, err := os.Create(filepath.Join(p.folder, fmt.Sprintf("part-%04d.%s", p.number, p.ext)))
	if err != nil {
		return err
	}
	p.file, p.buffer = file, bufio.NewWriterSize(file, 1<<18)
	p.csv = csv.NewWriter(p.buffer)
	if p.header == nil {
		return nil
	}
	return p.csv.Write(p.header)
}

// row writes one CSV row.
func (p *partFiles) row(fields ...string) error {
	p.rows++
	return p.csv.Write(fields)
}

// line writes one line of text.
func (p *partFiles) line(text []byte) error {
	p.rows++
	if _, err := p.buffer.Write(text); err != nil {
		return err
	}
	return p.buffer.WriteByte('\n')
}

// turn starts a new part when this one is full. It is called between
// households, so that what belongs together stays together.
func (p *partFiles) turn() error {
	if p.rows < p.limit {
		return nil
	}
	return errors.Join(p.end(true), p.begin())
}

// end closes the part; finish is left out when the log is given up.
func (p *partFiles) end(ok bool) error {
	if p.file == nil {
		return nil
	}
	p.csv.Flush()
	err := errors.Join(p.csv.Error(), p.buffer.Flush(), p.file.Close())
	path := p.file.Name()
	p.file = nil
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if !ok || p.finish == nil {
		return nil
	}
	return p.finish(path)
}
