package registry

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
)

//go:embed demo
var demo embed.FS

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
	OTP      string   // the one-time password that the registry takes
	Answers  []string // the scenario's, for where there is no person
	Notes    []string // what a person should know before it starts, one line each

	root  string
	close func() error
}

// Open makes a sandbox. A *npm.UsageError means that an argument would lead out of
// it.
func Open(o Options) (*Sandbox, error) {
	r, err := Start(World{})
	if err != nil {
		return nil, err
	}
	s := &Sandbox{Registry: r, OTP: fmt.Sprintf("%d", 100_000+rand.IntN(900_000))}
	s.close = sync.OnceValue(func() error { return errors.Join(r.Close(), removeAll(s.root)) })
	if err := s.prepare(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops the registry and removes the sandbox's folder. It may be called
// more than once.
func (s *Sandbox) Close() error { return s.close() }

func (s *Sandbox) prepare(o Options) error {
	if err := s.folders(); err != nil {
		return fmt.Errorf("making the sandbox: %w", err)
	}
	if err := s.copyPackage(o); err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	if err := checkArgs(o.Args, s.Dir, o.WithScripts); err != nil {
		return err
	}
	s.Args, s.Answers = slices.Concat(o.Args, o.Scenario.Args), o.Scenario.answers(s.OTP)
	if err := s.seed(o); err != nil {
		return fmt.Errorf("preparing the copy: %w", err)
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
		return err
	}
	// npm prints real paths; macOS keeps its temporary folders behind a link.
	if s.root, err = filepath.EvalSymlinks(root); err != nil {
		s.root = root
	}
	s.Dir = filepath.Join(s.root, "package")
	for _, name := range []string{"home", "cache", "prefix", "package"} {
		if err := os.Mkdir(filepath.Join(s.root, name), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sandbox) copyPackage(o Options) error {
	if _, err := os.Stat(filepath.Join(o.Source, "package.json")); o.Source == "" || err != nil {
		s.Notes = append(s.Notes, "No package here; using a small built-in one.")
		files, err := fs.Sub(demo, "demo")
		if err != nil {
			return err
		}
		return os.CopyFS(s.Dir, files)
	}
	notes, err := copyTree(o.Source, s.Dir, o.WithScripts)
	s.Notes = append(s.Notes, notes...)
	return err
}

// seed makes the copy fit the scenario, fills the registry and logs in.
func (s *Sandbox) seed(o Options) error {
	manifests, err := s.manifests(o.Args)
	if err != nil {
		return err
	}
	polls := 1
	if o.Interactive {
		polls = 10
	}
	world, token := o.Scenario.world(s.OTP, polls)
	for _, path := range manifests {
		manifest, err := s.fit(path, o.Scenario.Shape)
		if err != nil {
			return err
		}
		if s.Name == "" {
			s.Name, s.Version = gjson.GetBytes(manifest, "name").String(), gjson.GetBytes(manifest, "version").String()
		}
		o.Scenario.seed(&world, manifest)
	}
	s.Registry.Change(func(w *World) { *w = world })
	return s.login(o.Scenario.Login, *token)
}

// manifests are those of what will be published: the copy's own, that of the
// folder that the arguments name, or those of its workspaces.
func (s *Sandbox) manifests(args []string) (list []string, err error) {
	root := filepath.Join(s.Dir, "package.json")
	parsed := npm.Parse(args)
	switch {
	case len(parsed.Specs) > 0:
		return []string{filepath.Join(s.Dir, parsed.Specs[0], "package.json")}, nil
	case parsed.Values["workspace"] == nil && parsed.Values["workspaces"] == nil:
		return []string{root}, nil
	}
	err = eachManifest(s.Dir, func(path string) error {
		if path != root {
			list = append(list, path)
		}
		return nil
	})
	return list, err
}

// eachManifest calls do for every package.json below dir, but not below
// node_modules.
func eachManifest(dir string, do func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case entry.Type().IsRegular() && strings.EqualFold(entry.Name(), "package.json"):
			return do(path)
		}
		return nil
	})
}

// byteOrderMark is what npm overlooks at the start of a manifest.
var byteOrderMark = []byte("\xef\xbb\xbf")

// fit makes a manifest of the copy fit the scenario, says so, and returns it. It is
// nil where the file is no JSON: npm says what is wrong with it.
func (s *Sandbox) fit(path string, shape Shape) ([]byte, error) {
	text, err := os.ReadFile(path)
	manifest := bytes.TrimPrefix(text, byteOrderMark)
	if err != nil || !gjson.ValidBytes(manifest) {
		return nil, nil
	}
	manifest, changed, err := shape.fit(manifest)
	if err != nil || len(changed) == 0 {
		return manifest, err
	}
	s.Notes = append(s.Notes, changed...)
	return manifest, os.WriteFile(path, manifest, 0o600)
}

// login writes the user's configuration: the token, or what stands in place of
// it, and the registry of every scope, which would win over the registry that the
// environment names.
func (s *Sandbox) login(instead string, token Token) error {
	url := s.Registry.URL()
	var rc strings.Builder
	text := instead
	s.Registry.Change(func(w *World) {
		for _, scope := range keys(w.Scopes) {
			fmt.Fprintf(&rc, "@%s:registry=%s\n", scope, url)
		}
		if text == "" {
			text = s.Registry.grant(token)
		}
	})
	if text != loggedOut {
		fmt.Fprintf(&rc, "%s:_authToken=%s\n", strings.TrimPrefix(url, "http:"), text)
	}
	return os.WriteFile(s.userconfig(), []byte(rc.String()), 0o600)
}

func (s *Sandbox) userconfig() string { return filepath.Join(s.root, "home", ".npmrc") }

// explain says what is different from a real publish.
func (s *Sandbox) explain(o Options) {
	manifest, _ := os.ReadFile(filepath.Join(s.Dir, "package.json")) // none: npm will say so
	switch {
	case o.WithScripts:
		s.Notes = append(s.Notes, "lifecycle scripts run, on the copy, and can do whatever you can")
	case gjson.GetBytes(manifest, "scripts").Exists():
		s.Notes = append(s.Notes, "lifecycle scripts do not run; add --with-scripts to run them")
	}
	if len(o.Scenario.World.Faults) > 0 {
		s.Notes = append(s.Notes, "npm's own waits between its attempts are cut from a minute to less than a second")
	}
	s.Notes = append(s.Notes, o.Scenario.standing())
	if o.Interactive && o.Scenario.browser() {
		s.Notes = append(s.Notes, "where npm prints an address for your browser, open it or wait about ten seconds")
	}
}

// removeAll removes a folder, the read-only folders in it included, which build
// tools make.
func removeAll(root string) error {
	if root == "" || os.RemoveAll(root) == nil {
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
