package registry

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"safepublish/classify/npm"
)

// stage is the registry's side of a scenario while it is being set: one package,
// the account that publishes it, and the world around them.
type stage struct {
	world         *World
	name, version string
	restricted    bool // publishConfig.access says so
	user          *User
	token         *Token // nil: not logged in
	login         string // what stands in the .npmrc in place of a token, "" for the token
}

// stage shapes the copy for the scenario, seeds the registry and logs in.
func (s *Sandbox) stage(o Options) error {
	targets, err := s.targets(o.Args)
	if err != nil {
		return err
	}
	world := s.world(o.Interactive)
	st := &stage{world: world, user: world.Users[accountName], token: &Token{User: accountName}}
	for _, path := range targets {
		manifest, err := s.shape(path, o.Scenario.shape)
		if err != nil {
			return err
		}
		st.read(manifest)
		if s.Name == "" {
			s.Name, s.Version = st.name, st.version
		}
		if st.name != "" && o.Scenario.seed != nil {
			o.Scenario.seed(st)
		}
	}
	s.Registry.seed(*world)
	return s.login(st)
}

func (r *Registry) seed(w World) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.world = w
}

func (s *Sandbox) world(interactive bool) *World {
	polls := 1
	if interactive {
		polls = 10
	}
	return &World{
		Users: map[string]*User{
			accountName: {Name: accountName, Password: "rehearsal", TFA: TFALogin, OTP: s.OTP},
			"alice":     {Name: "alice", TFA: TFAWrites},
		},
		Tokens: map[string]*Token{}, Packages: map[string]*Package{},
		Scopes:  map[string][]string{accountName: {accountName}, "alice": {"alice"}},
		Popular: []string{"lodash", "react", "express", "cross-env", "node-fetch", "yarn"},
		LoginAs: accountName, AutoApprove: polls,
	}
}

// targets are the manifests of what will be published: the copy's own, that of
// the folder that the arguments name, or those of its workspaces.
func (s *Sandbox) targets(args []string) ([]string, error) {
	root := filepath.Join(s.Dir, "package.json")
	parsed := npm.Parse(args, majors[len(majors)-1])
	switch {
	case len(parsed.Specs) > 0:
		return []string{filepath.Join(s.Dir, parsed.Specs[0], "package.json")}, nil
	case parsed.Values["workspace"] == nil && parsed.Values["workspaces"] == nil:
		return []string{root}, nil
	}
	var list []string
	err := filepath.WalkDir(s.Dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case entry.Name() == "package.json" && path != root:
			list = append(list, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for workspaces: %w", err)
	}
	return list, nil
}

// read takes what the scenario needs to know from a manifest.
func (st *stage) read(manifest []byte) {
	st.name = gjson.GetBytes(manifest, "name").String()
	st.version = gjson.GetBytes(manifest, "version").String()
	st.restricted = gjson.GetBytes(manifest, "publishConfig.access").String() == "restricted"
	if scope := scopeOf(st.name); scope != "" {
		st.world.Scopes[scope] = append(st.world.Scopes[scope], accountName)
	}
}

// shape makes a manifest of the copy fit the scenario, and says so.
func (s *Sandbox) shape(path string, edits []edit) ([]byte, error) {
	before, err := os.ReadFile(path)
	manifest, marked := bytes.CutPrefix(before, byteOrderMark)
	if err != nil || !gjson.ValidBytes(manifest) {
		return nil, nil // npm says what is wrong with it
	}
	for _, e := range append([]edit{notPrivate, released}, edits...) {
		key, value := e(manifest)
		if key == "" {
			continue
		}
		if manifest, err = set(manifest, key, value); err != nil {
			return nil, fmt.Errorf("preparing the copy: %w", err)
		}
		s.Notes = append(s.Notes, "in the copy "+described(key, value))
	}
	whole := manifest
	if marked {
		whole = slices.Concat(byteOrderMark, manifest)
	}
	if bytes.Equal(before, whole) {
		return manifest, nil
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		return nil, fmt.Errorf("preparing the copy: %w", err)
	}
	return manifest, nil
}

func set(manifest []byte, key string, value any) ([]byte, error) {
	if value == nil {
		return sjson.DeleteBytes(manifest, key)
	}
	return sjson.SetBytes(manifest, key, value)
}

func described(key string, value any) string {
	if value == nil {
		return key + " is taken out"
	}
	return fmt.Sprintf("%s is %v", key, value)
}

// edit says which key of a manifest a scenario needs changed, "" for none, and
// into what; nil takes the key out.
type edit func(manifest []byte) (key string, value any)

func notPrivate(m []byte) (string, any) {
	if gjson.GetBytes(m, "private").Bool() {
		return "private", nil
	}
	return "", nil
}

// released takes the prerelease part off the version: else npm 11 would stop at
// the missing dist-tag before the wall that was asked for.
func released(m []byte) (string, any) {
	v, err := semver.NewVersion(gjson.GetBytes(m, "version").String())
	if err != nil || v.Prerelease() == "" {
		return "", nil
	}
	return "version", fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch())
}

func prerelease(m []byte) (string, any) {
	v, err := semver.NewVersion(gjson.GetBytes(m, "version").String())
	if err != nil {
		return "", nil
	}
	return "version", v.IncPatch().String() + "-beta.0"
}

func scoped(m []byte) (string, any) {
	name := gjson.GetBytes(m, "name").String()
	if scopeOf(name) != "" || name == "" {
		return "", nil
	}
	return "name", "@acme/" + name
}

func unscoped(m []byte) (string, any) {
	name := gjson.GetBytes(m, "name").String()
	if scopeOf(name) == "" {
		return "", nil
	}
	return "name", baseOf(name)
}

func capital(m []byte) (string, any) {
	name := gjson.GetBytes(m, "name").String()
	base := baseOf(name)
	if base == "" {
		return "", nil
	}
	return "name", strings.TrimSuffix(name, base) + strings.ToUpper(base[:1]) + base[1:]
}

func private([]byte) (string, any) { return "private", true }

func restricted([]byte) (string, any) { return "publishConfig.access", "restricted" }

func noAccess(m []byte) (string, any) {
	if !gjson.GetBytes(m, "publishConfig.access").Exists() {
		return "", nil
	}
	return "publishConfig.access", nil
}

// login writes the user's configuration: the token, and the registry of every
// scope, which would win over the registry that the environment names.
func (s *Sandbox) login(st *stage) error {
	url := s.Registry.URL()
	var rc strings.Builder
	for _, scope := range keys(st.world.Scopes) {
		fmt.Fprintf(&rc, "@%s:registry=%s\n", scope, url)
	}
	text := st.login
	if text == "" && st.token != nil {
		text = newToken()
		s.Registry.mu.Lock()
		st.world.Tokens[text] = st.token
		s.Registry.mu.Unlock()
	}
	if text != "" {
		fmt.Fprintf(&rc, "%s:_authToken=%s\n", strings.TrimPrefix(url, "http:"), text)
	}
	if err := os.WriteFile(s.userconfig(), []byte(rc.String()), 0o600); err != nil {
		return fmt.Errorf("logging in to the embedded registry: %w", err)
	}
	return nil
}

// older returns a version before v, "" for the first of all.
func older(version string) string {
	v, err := semver.NewVersion(version)
	switch {
	case err != nil:
		return ""
	case v.Prerelease() != "" && v.Patch() == 0 && v.Minor() == 0 && v.Major() == 0:
		return ""
	case v.Patch() > 0:
		return fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch()-1)
	case v.Minor() > 0:
		return fmt.Sprintf("%d.%d.0", v.Major(), v.Minor()-1)
	case v.Major() > 0:
		return fmt.Sprintf("%d.0.0", v.Major()-1)
	}
	return ""
}

// put gives the package to an owner, with one version, "" for none.
func (st *stage) put(owner, version string) *Package {
	p := emptyPackage(st.name, owner)
	if version != "" {
		p = NewPackage(st.name, owner, version)
	}
	p.Restricted = st.restricted && scopeOf(st.name) != ""
	st.world.Packages[st.name] = p
	return p
}

// mine is the package as it mostly is: there already, in an older version.
func (st *stage) mine() *Package { return st.put(accountName, older(st.version)) }

func (st *stage) fail(faults ...Fault) { st.world.Faults = append(st.world.Faults, faults...) }
