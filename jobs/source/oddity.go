package source

import (
	"bufio"
	"bytes"
	"strings"
)

// oddity says what is wrong with a file that no pack fits, when its beginning shows
// that none could: in the words in which loading says it. "" is nothing.
func (r *Roots) oddity(f File) (what, hint string) {
	in, err := r.openStream(f, nil)
	if err != nil || f.Form == "parquet" {
		return "", ""
	}
	defer in.Close()
	head, _ := bufio.NewReaderSize(in, 1<<16).Peek(1 << 16) // what cannot be read is told by loading
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte{0xef, 0xbb, 0xbf}), " \t\r\n")
	first, rest, isLine := bytes.Cut(head, []byte("\n"))
	first = bytes.TrimSpace(first)
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		return "row holds a NUL byte", "the file looks binary: only text, JSON and Parquet are read"
	case f.Form == "jsonl" && len(first) == 1 && len(bytes.TrimSpace(rest)) > 0:
		return "the file is one JSON text over several lines", "write one object a line (JSON Lines)"
	case f.Form == "jsonl" && (isLine || len(head) < 1<<16):
		var doc jsonDoc
		if rule := doc.parse(first); rule != "" {
			return "the first line: " + rule, "write one whole object a line (JSON Lines)"
		}
	case f.Form == "csv":
		if hint := semicolons(string(first)); hint != "" {
			return "the first line has no comma", hint
		}
	}
	return "", ""
}

// semicolons is the hint for a header of one cell that semicolons divide.
func semicolons(header string) string {
	if strings.Contains(header, ";") && !strings.Contains(header, ",") {
		return "it seems to be divided by semicolons: divide it by commas"
	}
	return ""
}
