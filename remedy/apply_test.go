package remedy

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
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
	pkg, err := edit.Load(dir, a, 11)
	if err != nil {
		t.Fatal(err)
	}
	p.Package, p.Args = pkg, a
	return Offers(p)[0].Plan
}

// hands is a Doer that runs functions in place of commands.
type hands struct {
	noted  []int
	noting func() error
	run    func(argv []string) error
	did    []string
	wait   error
}

func (h *hands) Run(_ context.Context, _ string, argv []string) error {
	h.did = append(h.did, strings.Join(argv, " "))
	if h.run == nil {
		return nil
	}
	return h.run(argv)
}

func (h *hands) Wait(_ context.Context, d time.Duration, _ string) error {
	h.did = append(h.did, d.String())
	return h.wait
}

func TestApplyAndUndo(t *testing.T) {
	before := strings.ReplaceAll(manifest, "\n", "\r\n")
	dir := folder(t, map[string]string{"package.json": before, "package-lock.json": lock})
	path := filepath.Join(dir, "package.json")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, j, err := Apply(context.Background(), bumped(t, dir), Attempt{}, &hands{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), strings.Replace(before, "1.0.0", "1.0.1", 1); got != want {
		t.Errorf("package.json is %q", got)
	}
	if got, want := read(t, dir, "package-lock.json"), strings.Replace(lock, `"1.0.0"`, `"1.0.1"`, 2); got != want {
		t.Errorf("package-lock.json is\n%s", got)
	}
	if s, _ := os.Stat(path); s.Mode().Perm() != 0o640 {
		t.Errorf("mode is %v", s.Mode())
	}

	// what is written down must be enough to undo it
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var again edit.Journal
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	lines, err := again.Undo()
	if want := []string{"package-lock.json is as it was before", "package.json is as it was before"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
	if read(t, path) != before || read(t, dir, "package-lock.json") != lock {
		t.Error("undo did not give the files back")
	}
	if lines, err := again.Undo(); len(lines) > 0 || err != nil {
		t.Errorf("the second undo: %q, %v", lines, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

func TestApplyFollowsLinks(t *testing.T) {
	dir := folder(t, map[string]string{"real/manifest.json": manifest})
	link := filepath.Join(dir, "package.json")
	if err := os.Symlink(filepath.Join("real", "manifest.json"), link); err != nil {
		t.Skip(err)
	}
	if _, _, err := Apply(context.Background(), bumped(t, dir), Attempt{}, &hands{}); err != nil {
		t.Fatal(err)
	}
	if s, _ := os.Lstat(link); s.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if got := read(t, dir, "real/manifest.json"); !strings.Contains(got, `"1.0.1"`) {
		t.Errorf("the target is %s", got)
	}
}

func TestApplyChangedMeanwhile(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	plan := bumped(t, dir)
	touched := lock + "\n"
	if err := os.WriteFile(filepath.Join(dir, "package-lock.json"), []byte(touched), 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, err := Apply(context.Background(), plan, Attempt{}, &hands{})
	if err == nil || err.Error() != "package-lock.json changed meanwhile; nothing was written" {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest || read(t, dir, "package-lock.json") != touched {
		t.Error("something was written")
	}
}

// TestApplyAllOrNone lets the second file become unwritable after the checks, as
// a full disk or a sudden chmod would.
func TestApplyAllOrNone(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	plan, lockPath := bumped(t, dir), filepath.Join(dir, "package-lock.json")
	h := &hands{noting: func() error { return errors.Join(os.Remove(lockPath), os.Mkdir(lockPath, 0o755)) }}
	given := Attempt{Args: []string{"--json"}}
	next, _, err := Apply(context.Background(), plan, given, h)
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

func TestUndoLeavesOthersChanges(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	_, j, err := Apply(context.Background(), bumped(t, dir), Attempt{}, &hands{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"mine":1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	lines, err := j.Undo()
	if want := []string{"package-lock.json is as it was before", "package.json was changed by somebody else meanwhile and stays as it is"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
	if read(t, dir, "package.json") != `{"mine":1}` || read(t, dir, "package-lock.json") != lock {
		t.Error("the wrong file was put back")
	}
}

func TestUndoSaysWhatItCannot(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest})
	_, j, err := Apply(context.Background(), bumped(t, dir), Attempt{}, &hands{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "package.json")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if lines, err := j.Undo(); err == nil || !strings.HasPrefix(err.Error(), "putting package.json back: ") || len(lines) > 0 {
		t.Errorf("%q, %v", lines, err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Undo(); err != nil || read(t, path) != manifest {
		t.Errorf("undo after the file came back: %v", err)
	}
}

func TestApplyFlagsAndSecrets(t *testing.T) {
	a := Attempt{Args: []string{"--tag", "v1", "--json"}, Env: []string{"NPM_CONFIG_OTP=111111", "A=b"}, NPM: 11}
	plan := Plan{[]Change{Flag{"tag", "beta"}, Flag{"access", "public"}, Secret{"npm_config_otp", "222222"}}}
	next, j, err := Apply(context.Background(), plan, a, &hands{})
	if err != nil || len(j.Entries) > 0 {
		t.Fatal(err, j.Entries)
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
	twice, _, _ := Apply(context.Background(), plan, next, &hands{})
	if !slices.Equal(twice.Args, next.Args) || !slices.Equal(twice.Env, next.Env) {
		t.Errorf("twice is %v, once %v", twice, next)
	}
}

func TestApplyLogin(t *testing.T) {
	plan := Offers(problem("not-logged-in"))[0].Plan
	h := &hands{}
	if _, _, err := Apply(context.Background(), plan, Attempt{}, h); err != nil {
		t.Fatal(err)
	}
	if len(h.did) != 2 || !strings.HasPrefix(h.did[0], "npm login ") || !strings.HasPrefix(h.did[1], "npm whoami ") {
		t.Errorf("%q", h.did)
	}
	h.run = func(argv []string) error {
		if argv[1] == "whoami" {
			return errors.New("exit status 1")
		}
		return nil
	}
	if _, _, err := Apply(context.Background(), plan, Attempt{}, h); err == nil || !strings.Contains(err.Error(), "did not take") {
		t.Errorf("a login without proof: %v", err)
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
		{"with a commit", Git{Inside: true, Clean: true, Root: true}, false, []string{"what npm version 1.0.1 did stays; to look at it or take it back: git tag -d v1.0.1 && git reset --keep HEAD~1"}, false},
		{"with a commit, failing", Git{Inside: true, Clean: true, Root: true}, true, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := strings.Replace(manifest, "\n}", ",\n  \"scripts\": {\"version\": \"true\"}\n}", 1)
			dir := folder(t, map[string]string{"package.json": before})
			p := problem("version-exists")
			p.Git = c.git
			p.Package, _ = edit.Load(dir, nil, 11)
			i := slices.IndexFunc(Offers(p), func(o Offer) bool { return o.Safety == NeedsUser })
			h := &hands{run: func([]string) error {
				err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"version":"1.0.1"}`), 0o644)
				if err == nil && c.fails {
					return errors.New("exit status 128")
				}
				return err
			}}
			_, j, err := Apply(context.Background(), Offers(p)[i].Plan, Attempt{}, h)
			if (err != nil) != c.fails || c.fails && !strings.HasSuffix(err.Error(), map[bool]string{true: "(package.json is as it was before)", false: "git status; git log -1)"}[c.back]) {
				t.Fatal(err)
			}
			lines, err := j.Undo()
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
	if _, _, err := Apply(ctx, bumped(t, dir), Attempt{}, &hands{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest {
		t.Error("written after ^C")
	}
	ended := errors.New("given up")
	if _, _, err := Apply(context.Background(), Plan{[]Change{Wait{For: time.Hour}}}, Attempt{}, &hands{wait: ended}); !errors.Is(err, ended) {
		t.Errorf("%v", err)
	}
}

func TestRootLockFollows(t *testing.T) {
	before := `{"version":"9.9.9","packages":{"":{"version":"9.9.9"},"packages/a":{"version":"1.0.0"}}}`
	root := folder(t, map[string]string{"package-lock.json": before, "packages/a/package.json": manifest})
	if _, _, err := Apply(context.Background(), bumped(t, filepath.Join(root, "packages/a")), Attempt{}, &hands{}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, root, "package-lock.json"), strings.Replace(before, "1.0.0", "1.0.1", 1); got != want {
		t.Errorf("got %s", got)
	}
}

func (h *hands) Note(j *edit.Journal) error {
	h.noted = append(h.noted, len(j.Entries))
	if h.noting != nil {
		return h.noting()
	}
	return nil
}
