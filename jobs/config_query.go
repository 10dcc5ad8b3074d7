package jobs

import (
	"errors"
	"io/fs"
	"strings"

	"ghostlight/jobs/source"
)

// readQueries puts the text of query files in their place, so that what is
// checked, hashed and asked is one text.
func (l *loader) readQueries() {
	d := l.document(workspaceFile)
	for _, name := range l.main.Sources.Names() {
		src := l.main.Sources[name]
		file, isFile := strings.CutPrefix(src.Query, "file:")
		if !isFile {
			continue
		}
		at := "sources." + name + ".query"
		if fault := source.RelativePath(file); fault != "" {
			d.lose(at, "a query file "+fault, "")
			continue
		}
		text, err := l.bytes(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			d.lose(at, "there is no such query file", "it lies in the workspace, such as file:queries/orders.sql")
		case err != nil:
			d.lose(at, "the query file cannot be read: "+cause(err), "")
		case len(text) > maxFileBytes:
			d.lose(at, "the query file is larger than 1 MiB", "")
		case strings.TrimSpace(string(text)) == "":
			d.lose(at, "the query file is empty", "")
		default:
			if _, fault, hint := badText(string(text)); fault != "" {
				d.lose(at, "in the query file "+fault, hint)
				continue
			}
			src.Query = string(text)
			l.main.Sources[name] = src
		}
	}
}
