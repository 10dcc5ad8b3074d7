package jobs

import (
	"fmt"
	"slices"

	"ghostlight/jobs/source"
)

// loadPacks reads packs/*.yaml beside the built-in packs. The error is of the
// program's own packs; what is wrong with a file becomes a problem of its document.
func (l *loader) loadPacks() (err error) {
	if l.packs, err = source.BuiltIn(); err != nil {
		return fmt.Errorf("read built-in mapping packs: %w", err)
	}
	l.own = source.Packs{}
	for name, file := range l.folder(packsFolder) {
		d := l.document(file)
		data, err := l.bytes(file)
		var own source.Pack
		if err != nil {
			d.fail(position{1, 1}, "the file cannot be read: "+cause(err), "")
		} else {
			d.decode(data, &own)
		}
		if !d.broken {
			for _, p := range l.packs.Add(name, &own) {
				d.addProblem("", p)
			}
		}
		if len(d.problems) > 0 {
			l.faulty = append(l.faulty, name)
			continue
		}
		l.own[name] = &own
	}
	return nil
}

// addProblem records a problem that package source found below a path of the
// document.
func (d *document) addProblem(at string, p source.Problem) {
	message, hint := p.Message, p.Hint
	if p.Known != nil {
		message += " " + quoted(p.Got)
		if meant := didYouMean(p.Got, p.Known); meant != "" {
			hint = meant
		}
	}
	if p.Key {
		d.addKey(at+p.Path, message, hint)
	} else {
		d.add(at+p.Path, message, hint)
	}
}

// ownPacks are the packs of the workspace that its sources use: those that they
// name, and all of them where a file is matched with the pack that fits.
func (w *Workspace) ownPacks() source.Packs {
	var used source.Packs
	for name, own := range w.Packs {
		for _, src := range w.Sources {
			if slices.Contains([]string{name, source.AutoFormat}, src.Format) {
				if used == nil {
					used = source.Packs{}
				}
				used[name] = own
			}
		}
	}
	return used
}
