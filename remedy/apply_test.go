package remedy

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/remedy/edit"
)

// folder makes a package on disk.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// bumped loads the package in dir and plans its first bump.
func bumped(t *testing.T, dir string, a ...string) Plan {
	t.Helper()
	p := problem("version-exists")
	pkg, err := edit.Load(dir, a)
	if err != nil {
		t.Fatal(err)
	}
	p.Package, p.Args = pkg, a
	return Offers(p)[0].Plan
}

// hands is a Doer that runs functions in place of commands.
type hands struct {
	noted   []int
	journal *edit.Journal // as Note was last told of it
	noting  func() error
	run     func(argv []string) error
	unknown error // what a registry says of the login
	did     []string
	wait    error
}

func (h *hands) Run(_ context.Context, _ string, argv []string) error {
	h.did = append(h.did, strings.Join(argv, " "))
	if h.run == nil {
		return nil
	}
	return h.run(argv)
}

func (h *hands) Knows(_ context.Context, registry string) error {
	h.did = append(h.did, "knows "+registry)
	return h.unknown
}

func (h *hands) Wait(_ context.Context, d time.Duration, _ string) error {
	h.did = append(h.did, d.String())
	return h.wait
}

// TestApplyAllOrNone lets the second file become unwritable after the checks, as
// a full disk or a sudden chmod would.
func TestApplyAllOrNone(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	plan, lockPath := bumped(t, dir), filepath.Join(dir, "package-lock.json")
	h := &hands{noting: func() error { return errors.Join(os.Remove(lockPath), os.Mkdir(lockPath, 0o755)) }}
	given := Attempt{Args: []string{"--json"}}
	next, err := Apply(context.Background(), plan, given, h)
	if err == nil || !strings.HasPrefix(err.Error(), "writing package-lock.json: ") || !strings.HasSuffix(err.Error(), "(package.json is as it was before)") {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest || !slices.Equal(next.Args, given.Args) {
		t.Error("half of the plan was left")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".safepublish*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestApplyFlagsAndSecrets(t *testing.T) {
	a := Attempt{Args: []string{"--tag", "v1", "--json"}, Env: []string{"NPM_CONFIG_OTP=111111", "A=b"}}
	plan := Plan{Flag{"tag", "beta"}, Flag{"access", "public"}, Secret{"npm_config_otp", "222222"}}
	h := &hands{}
	next, err := Apply(context.Background(), plan, a, h)
	if err != nil || h.journal != nil {
		t.Fatal(err, h.journal)
	}
	if want := []string{"--tag=beta", "--json", "--access=public"}; !slices.Equal(next.Args, want) {
		t.Errorf("args %q", next.Args)
	}
	if want := []string{"A=b", "npm_config_otp=222222"}; !slices.Equal(next.Env, want) {
		t.Errorf("env %q", next.Env)
	}
	if a.Args[1] != "v1" || a.Env[0] != "NPM_CONFIG_OTP=111111" || len(a.Env) != 2 {
		t.Errorf("the attempt given was changed: %v", a)
	}
	twice, _ := Apply(context.Background(), plan, next, &hands{})
	if !slices.Equal(twice.Args, next.Args) || !slices.Equal(twice.Env, next.Env) {
		t.Errorf("twice is %v, once %v", twice, next)
	}
}

func TestApplyLogin(t *testing.T) {
	plan := Offers(problem("not-logged-in"))[0].Plan
	h := &hands{}
	if _, err := Apply(context.Background(), plan, Attempt{}, h); err != nil {
		t.Fatal(err)
	}
	if len(h.did) != 2 || !strings.HasPrefix(h.did[0], "npm login ") || h.did[1] != "knows https://npmjs.org/" {
		t.Errorf("%q", h.did)
	}
	h.unknown = errors.New("npm login did not help")
	if _, err := Apply(context.Background(), plan, Attempt{}, h); !errors.Is(err, h.unknown) {
		t.Errorf("a login that the registry does not know: %v", err)
	}
}

// TestApplyNPMVersion lets a command rewrite the files as npm version does, and
// checks who may take that back.
func TestApplyNPMVersion(t *testing.T) {
	for _, c := range []struct {
		name  string
		git   Git
		fails bool
		lines []string
		back  bool
	}{
		{"without git", Git{}, false, []string{"package.json is as it was before"}, true},
		{"without git, failing", Git{}, true, nil, true},
		{"with a commit", Git{Inside: true, Clean: true, Root: true}, false, []string{"what npm version 1.0.1 did is not undone; to look at it or undo it: git tag -d v1.0.1 && git reset --keep HEAD~1"}, false},
		{"with a commit, failing", Git{Inside: true, Clean: true, Root: true}, true, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := strings.Replace(manifest, "\n}", ",\n  \"scripts\": {\"version\": \"true\"}\n}", 1)
			dir := folder(t, map[string]string{"package.json": before})
			p := problem("version-exists")
			p.Git = c.git
			p.Package, _ = edit.Load(dir, nil)
			i := slices.IndexFunc(Offers(p), func(o Offer) bool { return o.Safety == NeedsUser })
			h := &hands{run: func([]string) error {
				err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"version":"1.0.1"}`), 0o644)
				if err == nil && c.fails {
					return errors.New("exit status 128")
				}
				return err
			}}
			_, err := Apply(context.Background(), Offers(p)[i].Plan, Attempt{}, h)
			if (err != nil) != c.fails || c.fails && !strings.HasSuffix(err.Error(), map[bool]string{true: "(package.json is as it was before)", false: "git status; git log -1)"}[c.back]) {
				t.Fatal(err)
			}
			lines, err := h.journal.Undo()
			if err != nil || !slices.Equal(lines, c.lines) {
				t.Errorf("%q, %v", lines, err)
			}
			if got := read(t, dir, "package.json"); (got == before) != c.back {
				t.Errorf("package.json is %s", got)
			}
		})
	}
}

func TestApplyStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := folder(t, map[string]string{"package.json": manifest})
	if _, err := Apply(ctx, bumped(t, dir), Attempt{}, &hands{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest {
		t.Error("written after ^C")
	}
	ended := errors.New("given up")
	if _, err := Apply(context.Background(), Plan{Wait{For: time.Hour}}, Attempt{}, &hands{wait: ended}); !errors.Is(err, ended) {
		t.Errorf("%v", err)
	}
}

func (h *hands) Note(j *edit.Journal) error {
	h.noted, h.journal = append(h.noted, len(j.Entries)), j
	if h.noting != nil {
		return h.noting()
	}
	return nil
}
