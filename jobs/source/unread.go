package source

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Unread lists the files below the roots that no local source reads, in order:
// those that none of its patterns matches. Hidden files and folders, and files named
// README, are not looked for; of the workspace itself, when a root is the whole of
// it, neither are the files that skip names, and what lies below them.
func (r *Roots) Unread(sources Config, skip ...string) ([]string, error) {
	read := map[string]bool{}
	for _, name := range sources.Names() {
		src := sources[name]
		globs := slices.Clone(src.Files)
		if src.Manifest != "" {
			globs = append(globs, src.Manifest)
		}
		if src.Connection != "" || src.ReadsStdin() {
			continue
		}
		for _, glob := range globs {
			matches, err := r.glob(name, glob)
			if err != nil {
				return nil, err
			}
			for _, m := range matches {
				read[m] = true
			}
		}
	}
	var unread []string
	for i, root := range r.roots {
		err := fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
			full := path.Join(r.names[i], p)
			switch {
			case err != nil && d != nil && d.IsDir():
				return fs.SkipDir // what cannot be listed is not known
			case err != nil:
				return err
			case p != "." && strings.HasPrefix(d.Name(), "."), slices.Contains(skip, full):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.IsDir(), read[full], strings.HasPrefix(d.Name(), "README"):
			default:
				unread = append(unread, full)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list files below root %s: %w", r.names[i], err)
		}
	}
	slices.Sort(unread)
	return slices.Compact(unread), nil
}
