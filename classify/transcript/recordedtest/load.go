// Package recordedtest loads recorded runs of real npm for tests. It is no part of
// the program.
package recordedtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// Run is one recorded run of npm and the truth about it, which npm does not know.
type Run struct {
	Case      string            // the name of the file: "e502_committed_then_403"
	NPM       string            // npm's version: "12.2.0"
	On        string            // "pipes" or "pty"
	Desc      string            // what the registry or the package did
	Node      string            // node's version
	Args      []string          // npm's arguments
	Env       map[string]string // environment beyond the usual
	Status    []any             // what each PUT or POST got, as the registry saw it: a number, or "reset" and the like
	Uploads   int               // how many uploads arrived
	Committed []string          // what the registry stored: "demo@1.0.0", or "stage:demo@1.0.0"
	Expect    []string          // causes that a diagnosis may name, best first; empty: nothing failed; nil: unscored
	Exit      int               // npm's exit status; -1 where it has none
	Signal    string            // "interrupt", "killed"; the recorder ended a run that never did with "killed"

	Stdout, Stderr, Screen, Log []byte // as npm wrote them; Log is nil where none was written
}

// Name names the run: "e502_committed_then_403/12.2.0/pty".
func (r Run) Name() string { return r.Case + "/" + r.NPM + "/" + r.On }

// Input returns the run as transcript.Read takes it.
func (r Run) Input() transcript.Input {
	return transcript.Input{Screen: r.Screen, Stdout: r.Stdout, Stderr: r.Stderr, Log: r.Log, Exit: r.Exit, Signal: r.Signal}
}

// Load reads every *.txtar file in dir, in order of name, and in each the runs in
// order of npm's version.
func Load(dir string) ([]Run, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no recorded runs in %s", dir)
	}
	var all []Run
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		runs, err := parse(strings.TrimSuffix(filepath.Base(f), ".txtar"), data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		all = append(all, runs...)
	}
	return all, nil
}

func parse(name string, data []byte) ([]Run, error) {
	archive := txtar.Parse(data)
	var runs []Run
	for _, f := range archive.Files {
		part := strings.Split(f.Name, "/")
		if len(part) != 3 {
			return nil, fmt.Errorf("section %q is not npm/on/name", f.Name)
		}
		if part[2] == "meta.json" {
			run := Run{Case: name, NPM: part[0], On: part[1], Desc: strings.TrimSpace(string(archive.Comment))}
			if err := run.meta(f.Data); err != nil {
				return nil, fmt.Errorf("section %q: %w", f.Name, err)
			}
			runs = append(runs, run)
			continue
		}
		if len(runs) == 0 {
			return nil, fmt.Errorf("section %q comes before its meta.json", f.Name)
		}
		if err := runs[len(runs)-1].set(part[2], f.Data); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func (r *Run) meta(data []byte) error {
	m := struct {
		*Run
		Exit string
	}{Run: r}
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	r.Exit = -1
	switch m.Exit {
	case "timeout", "signal 9":
		r.Signal = "killed"
	case "signal 2":
		r.Signal = "interrupt"
	default:
		n, err := strconv.Atoi(m.Exit)
		if err != nil {
			return fmt.Errorf("exit: %w", err)
		}
		r.Exit = n
	}
	return nil
}

func (r *Run) set(section string, data []byte) error {
	stream := map[string]*[]byte{"stdout": &r.Stdout, "stderr": &r.Stderr, "screen": &r.Screen, "log": &r.Log}[section]
	if stream == nil {
		return fmt.Errorf("unknown section %q", section)
	}
	*stream = Decode(data)
	return nil
}

var escaped = pattern.New(`\\(?:e|r|a|b|\\|\n|x[0-9a-f]{2})`)

// Decode turns a section of a file back into what npm wrote: control characters
// are kept as \e, \r, \a, \b and \x7f, a backslash as \\, and a backslash at the
// very end stands for a missing newline.
func Decode(data []byte) []byte {
	out := escaped.ReplaceAllStringFunc(string(data), func(s string) string {
		switch s[1] {
		case 'x':
			n, _ := strconv.ParseUint(s[2:], 16, 8)
			return string(rune(n))
		case '\\':
			return `\`
		}
		return map[byte]string{'e': "\x1b", 'r': "\r", 'a': "\a", 'b': "\b", '\n': ""}[s[1]]
	})
	return []byte(out)
}
