package registry

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

//go:embed demo
var demo embed.FS

// accountName is the account of a rehearsal.
const accountName = "sam"

// Options say what to rehearse.
type Options struct {
	Source      string   // the folder whose package is copied; "" or a folder without package.json takes the built-in package
	Env         []string // the environment to make the sandbox's own from, usually os.Environ()
	Args        []string // the person's arguments of npm publish
	WithScripts bool     // lifecycle scripts run; they can do anything that the person can
	Scenario    Scenario
	Interactive bool // a person answers: what wants a browser waits about ten seconds for one
}

// Sandbox is a copy of a package that can be published to the embedded registry
// and to nothing else.
type Sandbox struct {
	Registry *Registry
	Dir      string   // where npm runs: the copy
	Env      []string // npm's whole environment
	Args     []string // npm's arguments: the person's, and those of the scenario
	Name     string   // of the package that is published, "" if its manifest tells none
	Version  string
	User     string   // whose login the sandbox holds
	OTP      string   // the one-time password that the registry takes
	Notes    []string // what a person should know before it starts, one line each

	root string
	once sync.Once
	err  error
}

// Open makes a sandbox. A *UsageError means that an argument would lead out of
// it. The sandbox closes when ctx ends, and should be closed before.
func Open(ctx context.Context, o Options) (*Sandbox, error) {
	s := &Sandbox{User: accountName, OTP: fmt.Sprintf("%06d", rand.IntN(1_000_000))}
	var err error
	if s.Registry, err = Start(World{}); err != nil {
		return nil, err
	}
	if err := s.prepare(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	context.AfterFunc(ctx, func() { s.Close() }) // Close keeps its error for the caller
	return s, nil
}

func (s *Sandbox) prepare(o Options) error {
	if err := s.folders(); err != nil {
		return err
	}
	if err := s.copyPackage(o); err != nil {
		return err
	}
	if err := checkArgs(o.Args, s.Dir, o.WithScripts); err != nil {
		return err
	}
	s.Args = append(append([]string(nil), o.Args...), o.Scenario.Args...)
	if err := s.stage(o); err != nil {
		return err
	}
	s.Env = s.environ(o.Env, o.WithScripts)
	s.explain(o)
	return nil
}

// folders makes the sandbox's folder, readable by nobody else, and what npm looks
// for in it.
func (s *Sandbox) folders() error {
	root, err := os.MkdirTemp("", "safepublish-rehearsal-")
	if err != nil {
		return fmt.Errorf("making the sandbox: %w", err)
	}
	// npm prints real paths; macOS keeps its temporary folders behind a link.
	if s.root, err = filepath.EvalSymlinks(root); err != nil {
		s.root = root
	}
	for _, name := range []string{"home", "cache", "prefix", "package"} {
		if err := os.Mkdir(filepath.Join(s.root, name), 0o700); err != nil {
			return fmt.Errorf("making the sandbox: %w", err)
		}
	}
	s.Dir = filepath.Join(s.root, "package")
	return nil
}

func (s *Sandbox) copyPackage(o Options) error {
	if _, err := os.Stat(filepath.Join(o.Source, "package.json")); o.Source == "" || err != nil {
		return s.copyDemo()
	}
	source, err := filepath.Abs(o.Source)
	if err == nil {
		source, err = filepath.EvalSymlinks(source)
	}
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	c := &copier{from: source, to: s.Dir, registry: s.Registry.URL(), withScripts: o.WithScripts}
	err = c.copyTree()
	s.Notes = append(s.Notes, c.notes...)
	return err
}

func (s *Sandbox) copyDemo() error {
	s.Notes = append(s.Notes, "there is no package here, so that a small built-in one is used")
	files, err := fs.Sub(demo, "demo")
	if err == nil {
		err = os.CopyFS(s.Dir, files)
	}
	if err != nil {
		return fmt.Errorf("writing the built-in package: %w", err)
	}
	return nil
}

func (s *Sandbox) userconfig() string { return filepath.Join(s.root, "home", ".npmrc") }

// explain says what is different from a real publish.
func (s *Sandbox) explain(o Options) {
	if !o.WithScripts {
		s.Notes = append(s.Notes, "lifecycle scripts do not run; add --with-scripts to run them")
	} else {
		s.Notes = append(s.Notes, "lifecycle scripts run, on the copy, and can do whatever you can")
	}
	s.Notes = append(s.Notes,
		"npm's own waits between its attempts are cut from a minute to less than a second",
		"the one-time password of this rehearsal is "+s.OTP,
		"you are logged in to it as "+accountName)
	if o.Interactive && o.Scenario.browser() {
		s.Notes = append(s.Notes, "where npm prints an address for your browser, open it or wait about ten seconds")
	}
}

// Fill turns the word of an Answer into what is typed: "otp" and "wrong-otp" into
// a right and a wrong code, and any other into itself.
func (s *Sandbox) Fill(word string) string {
	switch word {
	case "otp":
		return s.OTP
	case "wrong-otp":
		last := s.OTP[5]
		return s.OTP[:5] + string('0'+(last-'0'+1)%10)
	}
	return word
}

// Close stops the registry and removes the sandbox's folder. It may be called
// more than once.
func (s *Sandbox) Close() error {
	s.once.Do(func() {
		s.err = s.Registry.Close()
		if s.root != "" {
			s.err = errors.Join(s.err, removeAll(s.root))
		}
	})
	return s.err
}

// removeAll removes a folder, the read-only folders in it included, which build
// tools make.
func removeAll(root string) error {
	if os.RemoveAll(root) == nil {
		return nil
	}
	filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error { //nolint:errcheck // RemoveAll reports what stays
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(root)
}
